import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { explainFileError, Problem } from "./problem.mjs";

/** Seconds, not minutes, until a machine without network is told so. */
const QUICK_RETRIES = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"];
const QUIET = ["--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--loglevel=error"];

/** npm's own script, so that it can be run by the Node of our choice. */
export function npmScript() {
  const fromNpm = process.env.npm_execpath;
  if (fromNpm !== undefined && /npm-cli\.js$/.test(fromNpm) && existsSync(fromNpm)) return fromNpm;
  for (const folder of [dirname(process.execPath), ...(process.env.PATH ?? "").split(delimiter)]) {
    const link = join(folder, "npm");
    if (!existsSync(link)) continue;
    const script = realpathSync(link);
    if (script.endsWith(".js")) return script;
    const beside = join(dirname(script), "node_modules", "npm", "bin", "npm-cli.js");
    if (existsSync(beside)) return beside;
  }
  throw new Problem(
    "npm was not found",
    "install npm (it comes with Node, https://nodejs.org) and run the command again",
  );
}

/** What went wrong, read from npm's error code. */
export function explainNpm(output, folder) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1] ?? "";
  if (
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED)$/.test(
      code,
    )
  ) {
    return new Problem(
      `the npm registry cannot be reached (${code})`,
      "check the network and npm's settings (`npm config get registry`, `npm config get proxy`), then run the command again",
    );
  }
  if (/^(EACCES|EPERM|EROFS|ENOSPC|EDQUOT)$/.test(code)) return explainFileError({ code }, folder);
  const lines = output.split("\n").filter((line) => line.replace(/^npm (error|ERR!)/, "").trim() !== "");
  return new Problem(
    `npm failed${code === "" ? "" : ` (${code})`}:\n${lines.slice(0, 12).join("\n")}`,
    "mend what npm names above and run the command again",
  );
}

/**
 * Runs `npm ci` in `folder` with the Node binary `node`; lifecycle scripts of packages are not run.
 * @throws {Problem} that says why, and what to do
 */
export async function npmCi(node, folder, options = []) {
  const args = [npmScript(), "ci", "--ignore-scripts", "--prefer-offline", ...QUIET, ...QUICK_RETRIES, ...options];
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
    NODE_ENV: "development",
  };
  const child = spawn(node, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => child.kill("SIGTERM");
  process.once("exit", stop);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const exitCode = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  process.off("exit", stop);
  if (exitCode !== 0) throw explainNpm(output, folder);
}
