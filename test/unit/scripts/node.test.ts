import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const RUNNER = join(import.meta.dirname, "..", "..", "..", "scripts", "node.mjs");

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [RUNNER, ...args], { stdio: ["pipe", "pipe", "pipe"] });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));

/** Everything that `child` prints until it ends. */
async function printed(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
  });
  await ended(child);
  return text;
}

test("the exit code passes through", async () => {
  expect(await ended(start("-e", "process.exit(3)"))).toBe(3);
});

test("arguments pass through, with spaces and quotes in them", async () => {
  const args = ["--exit", "a b", 'c"d', "$HOME", ""];
  expect(await printed(start("-p", "JSON.stringify(process.argv.slice(1))", "--", ...args))).toBe(
    `${JSON.stringify(args)}\n`,
  );
});

test("standard input and output pass through", async () => {
  const child = start("-e", "process.stdin.pipe(process.stdout)");
  child.stdin?.end("hello");
  expect(await printed(child)).toBe("hello");
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s reaches the program, which ends in its own way",
  async (signal) => {
    const child = start(
      "-e",
      `process.on("${signal}", () => process.exit(7)); setInterval(() => {}, 1000); console.log("ready")`,
    );
    child.stdout?.once("data", () => child.kill(signal));
    expect(await ended(child)).toBe(7);
  },
);

test("a program that was killed ends with 128 and the signal's number, as in a shell", async () => {
  expect(await ended(start("-e", 'process.kill(process.pid, "SIGKILL")'))).toBe(137);
});
