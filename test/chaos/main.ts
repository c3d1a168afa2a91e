/** `npm run test:chaos -- --json FILE [--every N] [--only redis]`: the whole crash harness over all storages that this machine has. Exits 1 when an invariant was broken. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findProgram } from "../support/requires.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { startRedis } from "../support/servers/redis.ts";
import { bundleWorker, type WorkerBundle } from "./bundle.ts";
import { fight } from "./campaign.ts";
import { emptyTally, type Tally } from "./harness.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, every: { type: "string", default: "1" }, only: { type: "string" } },
});
const every = Number(values.every);

/** The embedded store takes seconds to open: of its points only every so many is a kill. */
const SLOW = 9;

interface Backend {
  readonly program: string | null;
  run(bundle: WorkerBundle, tally: Tally): Promise<void>;
}

const BACKENDS: Readonly<Record<string, Backend>> = {
  redis: {
    program: "redis-server",
    async run(bundle, tally) {
      await using redis = await startRedis();
      await fight(bundle, redis.url, tally, { every, offset: 0, shared: true });
    },
  },
  postgres: {
    program: "postgres",
    async run(bundle, tally) {
      await using postgres = await startPostgres();
      await fight(bundle, postgres.url, tally, { every, offset: 0, shared: true });
    },
  },
  embedded: {
    program: null,
    run: (bundle, tally) =>
      fight(bundle, "embedded:{folder}", tally, { every: every * SLOW, offset: 3, shared: false }),
  },
};

const NUMBERS = [
  "kill_points",
  "double_injections",
  "lost_experiments",
  "left_behind",
  "unresolved",
  "troubles",
  "clock_jumps",
  "contests",
] as const;
const BAD = ["double_injections", "lost_experiments", "left_behind", "unresolved"] as const;

using bundle = await bundleWorker();
const beganMs = performance.now();
const all = await Promise.all(
  Object.entries(BACKENDS)
    .filter(([name]) => values.only === undefined || values.only === name)
    .map(async ([name, { program, run }]) => {
      const tally = emptyTally();
      if (program !== null && findProgram(program) === null) {
        process.stdout.write(`${name}: skipped, ${program} is not installed\n`);
        return [name, tally] as const;
      }
      await run(bundle, tally);
      process.stdout.write(`${name}: ${NUMBERS.map((key) => `${key} ${tally[key]}`).join(", ")}\n`);
      for (const problem of tally.problems) process.stdout.write(`  ${problem}\n`);
      return [name, tally] as const;
    }),
);
const totals = Object.fromEntries(NUMBERS.map((key) => [key, all.reduce((sum, [, tally]) => sum + tally[key], 0)]));
const seconds = Math.round((performance.now() - beganMs) / 1000);
const summary = { ...totals, seconds, backends: Object.fromEntries(all) };
process.stdout.write(`${JSON.stringify({ ...totals, seconds })}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(summary, null, 2)}\n`);
process.exitCode = BAD.some((key) => all.some(([, tally]) => tally[key] > 0)) ? 1 : 0;
