/**
 * The part of a worker that remembers and judges, alone in a process: `node resident.ts FOLDER`.
 * Prints what it cost as JSON.
 */
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { judgeThread } from "../../src/adapters/system/judge/runner.ts";
import { historyKeeper } from "../../src/app/records/metrics-history.ts";
import { WEEK_MS } from "../../src/core/model/units.ts";
import { decodeObservation } from "../../src/core/observe/history-codec.ts";
import type { Cache } from "../../src/ports/journal.ts";
import type { MetricsSource } from "../../src/ports/metrics.ts";
import { callsOf, inputOf, REACH } from "../truth/experiment.ts";
import { windowOf } from "../truth/world.ts";
import { NEXT_DAY, STEP_MS } from "./folder.ts";

const folder = process.argv[2]!;
// What a worker has in memory besides.
await import("../../src/main/wire.ts");

const newest = decodeObservation(readFileSync(join(folder, NEXT_DAY)));
/** Steps `[from, to)` of the day that follows the history. */
const recent = (from: number, to: number) => {
  const seen = windowOf(newest.services, from, to);
  return { ...seen, grid: { ...seen.grid, startMs: newest.grid.startMs + from * STEP_MS } };
};
const files: Cache = {
  load: (name) => readFile(join(folder, name.replaceAll("/", "_"))),
  save: async () => undefined,
  remove: async () => undefined,
  names: async () =>
    readdirSync(folder)
      .filter((name) => name.startsWith("history_"))
      .map((name) => name.replaceAll("_", "/")),
};
/** As the worker, only sooner. */
const REST_AFTER_MS = 1_000;
const never = async () => Promise.reject(new Error("not asked here"));
let nowMs = newest.grid.startMs;
const at = (ms: number): number => Math.round((ms - newest.grid.startMs) / STEP_MS);
const metrics: MetricsSource = {
  history: async (grid) => {
    const from = at(grid.startMs);
    return from < 0 ? { grid, services: [], sourceRequests: 1, notes: [] } : recent(from, from + grid.steps);
  },
  counts: never,
  edges: never,
  recent: never,
  health: never,
};
const keeper = historyKeeper({
  metrics,
  cache: files,
  clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, realMs: () => performance.now(), sleep: (ms) => sleep(ms) },
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  reachMs: () => WEEK_MS,
});
const runner = judgeThread({ restAfterMs: REST_AFTER_MS });
const { signal } = new AbortController();
const calls = callsOf(newest.services);

interface Cost {
  readonly ms: number;
  /**
   * Longest time in which nobody else was answered, as `monitorEventLoopDelay` sees it: other
   * programs on the machine are in it.
   */
  readonly blockMs: number;
  /** Most CPU that this thread used without giving others a turn. */
  readonly blockCpuMs: number;
}

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** How long `work` took, and how long nobody else was answered meanwhile. */
async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(20);
  let blockCpuMs = 0;
  let lastMs = cpuMs();
  const looks = setInterval(() => {
    const nowMs = cpuMs();
    blockCpuMs = Math.max(blockCpuMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 1);
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  await sleep(20);
  clearInterval(looks);
  delay.disable();
  return { ms, blockMs: delay.max / 1e6, blockCpuMs };
}

async function judgeAt(t0: number): Promise<void> {
  nowMs = newest.grid.startMs + (t0 + REACH + 3) * STEP_MS;
  const history = await keeper.upTo(newest.grid.startMs + (t0 + REACH) * STEP_MS, STEP_MS, signal);
  const observation = recent(t0 - 30, t0 + REACH);
  const asked = inputOf({
    services: newest.services,
    t0,
    history: history!,
    nulls: null,
    calls,
    target: newest.services[0]!.service,
    knowledge: "week",
    observation,
  });
  const t0Ms = newest.grid.startMs + t0 * STEP_MS;
  await runner.judge({ ...asked, t0Ms, clearMs: t0Ms + 5 * STEP_MS }, signal);
}

const mib = (bytes: number): number => bytes / 2 ** 20;
const idle = await costOf(() => sleep(1_000));
const before = mib(process.memoryUsage.rss());
const load = await costOf(() => keeper.upTo(nowMs, STEP_MS, signal));
const first = await costOf(() => judgeAt(60));
const again: Cost[] = [];
for (let i = 1; i <= 5; i++) again.push(await costOf(() => judgeAt(60 + 12 * i)));
// The thread rests, and what it held is given back.
await sleep(2 * REST_AFTER_MS);
console.log(
  JSON.stringify({
    idle,
    load,
    first,
    again,
    rss_before_mib: before,
    rss_mib: mib(process.memoryUsage.rss()),
    rss_peak_mib: process.resourceUsage().maxRSS / 1_024,
  }),
);
await runner[Symbol.asyncDispose]();
