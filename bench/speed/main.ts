import { rmSync, writeFileSync } from "node:fs";
import { longRunOf, shareScoresAt, shareSums } from "../../src/core/judge/history/share-scores.ts";
import { judge, nullBook } from "../../src/core/judge/judge.ts";
import type { Counts, Observation, ServiceCounts } from "../../src/core/model/series.ts";
import { readOptions } from "../lib/options.ts";
import { BEFORE, callsOf, EARLY, inputOf, REACH, SHAPE } from "../truth/experiment.ts";
import { generateWorld, windowOf } from "../truth/world.ts";
import { writeHistory } from "./folder.ts";
import { naiveOwnWindow, naiveScores, ownWindow } from "./naive.ts";
import { measureResident } from "./worker.ts";

const USAGE = `Measures what judging costs, as ratios to a naive version and to one pass over the same counts.

  npm run bench:speed -- [--services N] [--days N] [--json FILE]      (default 300 services, 7 days of history)

  …_to_floor   how many times as long as one pass over the same counts (appending: over the counts of one experiment)
  naive_to_…   how many times as long the naive version takes: nulls made anew for each judgement; every window added up again; all nulls
               rebuilt for each new minute; own_window: every stretch asks anew what the steps before were like
  judge_own_…  judged from the window alone, without history
  event_loop_block_ms is what monitorEventLoopDelay saw, busy neighbours included; …_cpu_ms is the longest turn by this process's own CPU time`;

const BUDGET = { judge_cpu_ms: 50, judge_own_cpu_ms: 50, nulls_s: 6, event_loop_block_ms: 50, rss_mib: 256 };

/** Judgements until the code is compiled; a worker has made its nulls by then. */
const WARM_UPS = 40;

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

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    services: { number: 300, least: 1 },
    days: { number: 7, least: 1 },
    json: { text: undefined },
  });
  const { days } = values;
  const world = generateWorld("ordinary", values.services, days + 1, 1);
  const t0 = days * 1_440 + 60;
  const history = windowOf(world.services, 0, days * 1_440);
  const folder = writeHistory(world);
  const resident = await measureResident(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
  const book = nullBook();
  const until = (minute: number) => windowOf(world.services, 0, days * 1_440 + minute);
  const build = cpuMs(() => book.nulls(until(-61), SHAPE, []));
  const minute = cpuMs(() => book.nulls(until(-60), SHAPE, []));
  const append = cpuMs(() => book.nulls(history, SHAPE, []));
  const nulls = book.nulls(history, SHAPE, []);
  const input = inputOf({
    services: world.services,
    t0,
    history,
    nulls,
    calls: callsOf(world.services),
    target: world.services[0]!.service,
    knowledge: "week",
  });
  const firstMs = cpuMs(() => judge(input));
  for (let i = 0; i < WARM_UPS; i++) judge(input);
  const judged = median(Array.from({ length: 15 }, () => cpuMs(() => judge(input))));
  const own = { ...input, history: null, nulls: null };
  for (let i = 0; i < WARM_UPS; i++) judge(own);
  const judgedOwn = median(Array.from({ length: 15 }, () => cpuMs(() => judge(own))));
  const withoutKept = cpuMs(() => judge({ ...input, nulls: null }));
  const floorJudge = median(
    Array.from({ length: 7 }, () => cpuMs(() => floorPass(windowOf(world.services, t0 - 30, t0 + REACH)))),
  );
  const sample = world.services
    .slice(0, 10)
    .map((s) => ({ k: Float64Array.from(s.failures), n: Float64Array.from(s.requests) }));
  const naive = cpuMs(() => sample.map((s) => naiveScores(s, SHAPE, 10)));
  const ours = cpuMs(() => {
    for (const s of sample) {
      const sums = shareSums(s, longRunOf(s), SHAPE);
      for (let at = SHAPE.before; at + REACH <= s.n.length; at += 10) shareScoresAt(sums, at);
    }
  });
  const shares = world.services.map((s) => ({ k: Float64Array.from(s.failures), n: Float64Array.from(s.requests) }));
  const [before, after] = [
    { from: t0 - BEFORE, to: t0 },
    { from: t0, to: t0 + EARLY },
  ];
  const naiveOwn = cpuMs(() => shares.map((s) => naiveOwnWindow(s, before, after)));
  const oursOwn = median(Array.from({ length: 7 }, () => cpuMs(() => shares.map((s) => ownWindow(s, before, after)))));
  const floorNulls = cpuMs(() => floorPass(history));
  const costs = [resident.load, resident.first, ...resident.again];
  const numbers = {
    services: values.services,
    days,
    judge_cpu_ms: judged,
    judge_first_cpu_ms: firstMs,
    judge_own_cpu_ms: judgedOwn,
    nulls_s: build / 1_000,
    append_minute_s: minute / 1_000,
    append_hour_s: append / 1_000,
    event_loop_block_ms: Math.max(...costs.map((c) => c.blockMs)),
    event_loop_block_idle_ms: resident.idle.blockMs,
    event_loop_block_cpu_ms: Math.max(...costs.map((c) => c.blockCpuMs)),
    load_history_s: resident.load.ms / 1_000,
    first_judgement_s: resident.first.ms / 1_000,
    later_judgement_s: median(resident.again.map((c) => c.ms)) / 1_000,
    rss_mib: resident.rss_mib,
    rss_peak_mib: resident.rss_peak_mib,
    rss_without_history_mib: resident.rss_before_mib,
    judge_to_floor: judged / Math.max(floorJudge, 0.01),
    judge_own_to_floor: judgedOwn / Math.max(floorJudge, 0.01),
    nulls_to_floor: build / Math.max(floorNulls, 0.01),
    append_minute_to_floor: minute / Math.max(floorJudge, 0.01),
    naive_to_judge: withoutKept / judged,
    naive_to_own_window: naiveOwn / Math.max(oursOwn, 0.01),
    naive_to_nulls: naive / Math.max(ours, 0.01),
    naive_to_append_minute: build / Math.max(minute, 0.01),
  };
  for (const [name, value] of Object.entries(numbers)) {
    const limit = BUDGET[name as keyof typeof BUDGET];
    const note = limit === undefined ? "" : `${value <= limit ? "ok  " : "OVER"} budget ${limit}`;
    console.log(`${name.padEnd(26)}${value.toFixed(2).padStart(10)}  ${note}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(numbers, null, 1)}\n`);
  return 0;
}

process.exitCode = await main();
