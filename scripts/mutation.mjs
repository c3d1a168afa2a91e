/**
 * `npm run test:mutation -- PATH…`: changes the code in small ways and tells which changes no test
 * notices. With `--changed`, only lines that differ from an earlier commit.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { changedLines } from "./lib/mutation/changed.mjs";
import { tested } from "./lib/mutation/recorder.mjs";
import { summarise, written } from "./lib/mutation/summary.mjs";
import { testsOf } from "./lib/mutation/tests.mjs";
import { ROOT } from "./lib/paths.mjs";
import { report, say } from "./lib/problem.mjs";

const USAGE = `Changes the code in small ways (mutants) and tells which of them no test notices.

  npm run test:mutation -- PATH… [--tests PATTERN,…] [--fresh] [--json FILE]
  npm run test:mutation -- --changed [--since REVISION] [--limit SECONDS]

  PATH           folders or files of src
  --changed      only lines that differ from an earlier commit
  --since        that commit (default HEAD~1)
  --tests        patterns of the test files that are to notice (default: those that hold the folder)
  --fresh        tests every mutant again; else those whose code and tests are the same keep their result
  --limit        stops after so many seconds, and tells what is known then
  --concurrency  test runs at a time (default 1)
  --json         writes score and survivors into this file`;

/** What runs and results need on disk; ignored by git. */
const FOLDER = ".mutation";

async function main({ values: options, positionals: paths }) {
  if (options.help || (paths.length === 0 && !options.changed)) {
    process.stdout.write(`${USAGE}\n`);
    return options.help ? 0 : 1;
  }
  const mutate = options.changed ? changedLines(options.since) : paths.map(patternOf);
  if (mutate === null) return told(`no commit ${options.since} here to compare with: nothing is tested`);
  if (mutate.length === 0) return told(`no line of src differs from ${options.since}`);
  const what = options.changed ? `${mutate.length} changed places` : paths.join(", ");
  const files = mutate.map((pattern) => pattern.replace(/(:\d+-\d+|\/\*\*\/\*\.\{ts,tsx\})$/, ""));
  process.env.AFTERSHOCK_MUTATION_TESTS = options.tests ?? testsOf(files).join(",");

  const limit = options.limit === undefined ? null : setTimeout(() => timeIsUp(what, options), 1_000 * options.limit);
  await new Stryker(settings(mutate, options)).runMutationTest();
  clearTimeout(limit ?? undefined);
  return tell(what, options);
}

const patternOf = (path) => (/\.tsx?$/.test(path) ? path : `${path.replace(/\/$/, "")}/**/*.{ts,tsx}`);

function settings(mutate, { changed, fresh, concurrency }) {
  mkdirSync(join(ROOT, FOLDER), { recursive: true });
  return {
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner", join(ROOT, "scripts", "lib", "mutation", "recorder.mjs")],
    reporters: ["aftershock"],
    mutate,
    concurrency: Number(concurrency),
    coverageAnalysis: "perTest",
    vitest: { configFile: "vitest.mutation.config.ts", related: true },
    // Stryker 10 does not know the interface of TypeScript 7, and needs nothing of it
    tsconfigFile: "none.json",
    // a mutant that never ends is noticed by its time: 2 s more than twice what its tests take
    timeoutMS: 2_000,
    timeoutFactor: 2,
    incremental: !changed,
    incrementalFile: join(
      FOLDER,
      `${mutate
        .join("+")
        .replaceAll(/[^\w.+-]+/g, "-")
        .slice(0, 120)}.json`,
    ),
    force: fresh,
    tempDirName: join(FOLDER, "copy"),
    ignorePatterns: [".toolchain", ".mutation", "dist", "docs/images"],
    logLevel: "warn",
    allowConsoleColors: false,
  };
}

function told(line) {
  process.stdout.write(`${line}\n`);
  return 0;
}

function tell(what, { json }, upTo = "") {
  const summary = summarise(tested);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ what, ...summary }, null, 2)}\n`);
  return told(`${written(`${what}${upTo}`, summary).join("\n")}`);
}

/** The processes of the tests end with this one. */
function timeIsUp(what, options) {
  say(`stopped after ${options.limit} s`);
  tell(what, options, ", as far as the time went");
  rmSync(join(ROOT, FOLDER, "copy"), { recursive: true, force: true });
  process.exit(0);
}

const options = {
  changed: { type: "boolean", default: false },
  concurrency: { type: "string", default: "1" },
  fresh: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
  json: { type: "string" },
  limit: { type: "string" },
  since: { type: "string", default: "HEAD~1" },
  tests: { type: "string" },
};

try {
  process.chdir(ROOT);
  process.exitCode = await main(parseArgs({ options, allowPositionals: true }));
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
