import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { longRunOf, shareScorer } from "../../src/core/judge/history/share-scores.ts";
import type { Nulls } from "../../src/core/judge/judge.ts";
import { judge } from "../../src/core/judge/judge.ts";
import type { Counts, Observation, ServiceCounts } from "../../src/core/model/series.ts";
import { callsOf, inputOf, REACH, SHAPE } from "../truth/experiment.ts";
import { generateWorld, windowOf } from "../truth/world.ts";
import { naiveScores } from "./naive.ts";

const USAGE = `Measures what judging costs, as ratios to a naive version and to one pass over the same counts.

  npm run bench:speed -- [--services N] [--days N] [--json FILE]      (default 300 services, 7 days of history)`;

const BUDGET = { judge_cpu_ms: 50, nulls_s: 6, event_loop_block_ms: 50, rss_mib: 256 };

const cpuMs = (work: () => void): number => {
  const start = process.cpuUsage();
  work();
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 1_000;
};

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
const arraysOf = (s: ServiceCounts): Counts[] => [s.requests, s.failures, s.latency!.successes, ...s.latency!.slow];

/** One pass over every count: nothing that looks at them all can be faster. */
function floorPass(observation: Observation): number {
  let sum = 0;
  for (const s of observation.services) for (const x of arraysOf(s)) for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum;
}

async function buildAside(history: Observation): Promise<{ nulls: Nulls; ms: number; blockMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const worker = new Worker(new URL("./nulls-worker.ts", import.meta.url), { workerData: { history, shape: SHAPE } });
  // The worker's copy of the history is made while it starts; what is measured is the loop while it works and when the answer arrives.
  delay.enable();
  const { nulls, ms } = await new Promise<{ nulls: Nulls; ms: number }>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  delay.disable();
  await worker.terminate();
  return { nulls, ms, blockMs: delay.max / 1e6 };
}

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      services: { type: "string", default: "300" },
      days: { type: "string", default: "7" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const days = Number(values.days);
  const world = generateWorld("ordinary", Number(values.services), days + 1, 1);
  const t0 = days * 1_440 + 60;
  const history = windowOf(world.services, 0, days * 1_440);
  const { nulls, ms, blockMs } = await buildAside(history);
  const input = inputOf({
    services: world.services,
    t0,
    history,
    nulls,
    calls: callsOf(world.services),
    target: world.services[0]!.service,
    knowledge: "week",
  });
  judge(input);
  const judged = median(Array.from({ length: 7 }, () => cpuMs(() => judge(input))));
  const floorJudge = median(
    Array.from({ length: 7 }, () => cpuMs(() => floorPass(windowOf(world.services, t0 - 30, t0 + REACH)))),
  );
  const sample = world.services
    .slice(0, 10)
    .map((s) => ({ k: Float64Array.from(s.failures), n: Float64Array.from(s.requests) }));
  const naive = cpuMs(() => sample.map((s) => naiveScores(s, SHAPE, 10)));
  const ours = cpuMs(() => {
    for (const s of sample) {
      const score = shareScorer(s, longRunOf(s), SHAPE);
      for (let at = SHAPE.before; at + REACH <= s.n.length; at += 10) score(at);
    }
  });
  const floorNulls = cpuMs(() => floorPass(history));
  const numbers = {
    services: Number(values.services),
    days,
    judge_cpu_ms: judged,
    nulls_s: ms / 1_000,
    event_loop_block_ms: blockMs,
    rss_mib: process.memoryUsage.rss() / 2 ** 20,
    judge_to_floor: judged / Math.max(floorJudge, 0.01),
    nulls_to_floor: ms / Math.max(floorNulls, 0.01),
    naive_to_nulls: naive / Math.max(ours, 0.01),
  };
  for (const [name, value] of Object.entries(numbers)) {
    const limit = BUDGET[name as keyof typeof BUDGET];
    const note = limit === undefined ? "" : `${value <= limit ? "ok  " : "OVER"} budget ${limit}`;
    console.log(`${name.padEnd(22)}${value.toFixed(2).padStart(10)}  ${note}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(numbers, null, 1)}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
