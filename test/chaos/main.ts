/** `npm run test:chaos -- --json FILE [--every N] [--only redis]`: the whole crash harness over all storages that this machine has. Exits 1 when an invariant was broken. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findProgram } from "../support/requires.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { startRedis } from "../support/servers/redis.ts";
import { bundleWorker, type WorkerBundle } from "./bundle.ts";
import { type Campaign, fight } from "./campaign.ts";
import { emptyTally, type Tally } from "./harness.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, every: { type: "string", default: "1" }, only: { type: "string" } },
});
const every = Number(values.every);

/** The embedded store takes seconds to open: of its points only every so many is a kill. */
const SLOW = 9;

interface Backend {
  readonly program: string | null;
  run(bundle: WorkerBundle, tally: Tally, campaign: Campaign): Promise<void>;
}

const BACKENDS: Readonly<Record<string, Backend>> = {
  redis: {
    program: "redis-server",
    async run(bundle, tally, campaign) {
      await using redis = await startRedis();
      await fight(bundle, redis.url, tally, campaign);
    },
  },
  postgres: {
    program: "postgres",
    async run(bundle, tally, campaign) {
      await using postgres = await startPostgres();
      await fight(bundle, postgres.url, tally, campaign);
    },
  },
  embedded: {
    program: null,
    run: (bundle, tally, campaign) =>
      fight(bundle, "embedded:{folder}", tally, { ...campaign, every: every * SLOW, offset: 3, shared: false }),
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

const tallies: Record<string, Tally> = {};
const beganMs = performance.now();

/** What is known so far, also in the file: a run that is cut off has its numbers. */
function summarize(complete: boolean): string {
  const all = Object.values(tallies);
  const totals = Object.fromEntries(NUMBERS.map((key) => [key, all.reduce((sum, tally) => sum + tally[key], 0)]));
  const summary = { ...totals, complete, seconds: Math.round((performance.now() - beganMs) / 1000) };
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ ...summary, backends: tallies }, null, 2)}\n`);
  }
  return JSON.stringify(summary);
}

async function campaignOn(name: string, { program, run }: Backend, bundle: WorkerBundle): Promise<void> {
  if (program !== null && findProgram(program) === null) {
    process.stdout.write(`${name}: skipped, ${program} is not installed\n`);
    return;
  }
  const tally = emptyTally();
  tallies[name] = tally;
  const progress = (fault: string): void => {
    summarize(false);
    process.stdout.write(`${name}, ${fault}: ${NUMBERS.map((key) => `${key} ${tally[key]}`).join(", ")}\n`);
  };
  await run(bundle, tally, { every, offset: 0, shared: true, progress });
  for (const problem of tally.problems) process.stdout.write(`  ${problem}\n`);
}

const wanted = Object.entries(BACKENDS).filter(([name]) => values.only === undefined || values.only === name);
using bundle = await bundleWorker();
await Promise.all(wanted.map(([name, backend]) => campaignOn(name, backend, bundle)));
process.stdout.write(`${summarize(true)}\n`);
process.exitCode = BAD.some((key) => Object.values(tallies).some((tally) => tally[key] > 0)) ? 1 : 0;
