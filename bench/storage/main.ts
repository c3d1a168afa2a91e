import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Redis } from "ioredis";
import { Client } from "pg";
import { pack, unpack } from "../../src/adapters/storage/packed.ts";
import { archiveIn } from "../../src/app/records/archive.ts";
import { bookOf } from "../../src/app/records/experiment-reader.ts";
import { retain } from "../../src/app/records/retain.ts";
import { compacted } from "../../src/core/experiment/compact.ts";
import { replay } from "../../src/core/experiment/life.ts";
import { judge } from "../../src/core/judge/judge.ts";
import type { ExperimentEvent } from "../../src/core/model/experiment.ts";
import { experimentStream } from "../../src/core/model/journal.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { encodeObservation } from "../../src/core/observe/history-codec.ts";
import type { Storage } from "../../src/main/storage/opened-storage.ts";
import { openStorage } from "../../src/main/storage/storage.ts";
import { handClock } from "../../test/support/app.ts";
import { embeddedFolder } from "../../test/support/embedded.ts";
import { experimentPlan, podChoice } from "../../test/support/experiments.ts";
import { findProgram } from "../../test/support/requires.ts";
import { startPostgres } from "../../test/support/servers/postgres.ts";
import { startRedis } from "../../test/support/servers/redis.ts";
import { keptLog } from "../../test/support/storage.ts";
import { readOptions } from "../lib/options.ts";
import { crowdedCluster, observationOf, SERVICES } from "./crowd.ts";

const USAGE = `Measures what a year leaves in each storage: 24 experiments a day over 300 services with the usual retention, then the dropping of a further day.

  npm run bench:storage -- [--only redis|postgres|embedded] [--json FILE]

Prints sizes in MiB, what it takes to look back over a quarter and a year (ms, MiB held), and the longest pause of the event loop while a day is dropped. A storage whose server is not installed is left out.`;

const PER_DAY = 24;
const DAYS = 365;
const RETENTION = { seenMs: 30 * DAY_MS, detailsMs: 30 * DAY_MS, journalMs: 400 * DAY_MS };
const NOW = Date.parse("2026-11-23T00:00:00Z");
const MIB = 1024 * 1024;
const never = new AbortController().signal;

/** One experiment's whole journal, and what it saw. */
function experiment(number: number, slotMs: number) {
  const id = `pods-${new Date(slotMs).toISOString()}`;
  const geometry = {
    stepMs: MINUTE_MS,
    beforeMs: 30 * MINUTE_MS,
    earlyMs: 10 * MINUTE_MS,
    graceMs: 5 * MINUTE_MS,
    lateMs: 10 * MINUTE_MS,
  };
  const plan = experimentPlan({ id, slotMs, geometry });
  const service = SERVICES[number % SERVICES.length] ?? "";
  const grid = { startMs: slotMs - geometry.beforeMs, stepMs: MINUTE_MS, steps: 57 };
  return { id, plan, service, observe: () => observationOf(grid, number) };
}

function journalOf({ plan, service, observe }: ReturnType<typeof experiment>): readonly ExperimentEvent[] {
  const { slotMs } = plan;
  const choice = podChoice();
  const target = {
    ...choice.target,
    workload: { ...choice.target.workload, name: service.split("/")[1] ?? "" },
    services: [service],
  };
  const at = SERVICES.indexOf(service);
  const calls = SERVICES.slice(1).map((callee, i) => ({ caller: SERVICES[i >> 2] ?? "", callee }));
  const judgement = judge({
    observation: observe(),
    history: null,
    excluded: [],
    t0Ms: slotMs,
    clearMs: slotMs + 2 * MINUTE_MS,
    geometry: plan.geometry,
    minimumEffect: plan.minimumEffect,
    calls,
    concerned: [SERVICES[at] ?? ""],
  });
  return [
    { kind: "planned", plan },
    { kind: "chosen", choice: { ...choice, target } },
    { kind: "intended", t0Ms: slotMs },
    { kind: "injected", t0Ms: slotMs },
    { kind: "cleared", clearMs: slotMs + 2 * MINUTE_MS, how: "replaced" },
    { kind: "judged", judgement, provisional: false },
    { kind: "diagnosed", findings: [] },
    { kind: "notified", news: [`verdict/${plan.id}`] },
  ];
}

interface Measured {
  readonly storage: Storage;
  /** Bytes on the disk, and in the memory of the server where that counts. */
  sizes(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

const common = { cluster: "year", clock: handClock(NOW), log: keptLog() };
const bytesUnder = (folder: string): number =>
  Number(execFileSync("du", ["-sb", folder], { encoding: "utf8" }).split("\t")[0]);

const BACKENDS: Readonly<Record<string, () => Promise<Measured>>> = {
  async redis() {
    const server = await startRedis();
    const storage = await openStorage(server.url, common);
    return {
      storage,
      async sizes() {
        const admin = new Redis(server.url);
        const number = async (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(await admin.info())?.[1]);
        const written = async () => {
          while ((await number("aof_rewrite_in_progress")) + (await number("aof_rewrite_scheduled")) > 0)
            await admin.ping();
        };
        // it also begins by itself, when the file has grown
        await written();
        await admin.bgrewriteaof();
        await written();
        const sizes = { memory: await number("used_memory"), disk: await number("aof_current_size") };
        await admin.quit();
        return sizes;
      },
      async close() {
        await storage.close();
        await server[Symbol.asyncDispose]();
      },
    };
  },
  async postgres() {
    const server = await startPostgres();
    const storage = await openStorage(server.url, common);
    return {
      storage,
      async sizes() {
        const admin = new Client(server.url);
        await admin.connect();
        await admin.query("VACUUM");
        const { rows } = await admin.query<{ size: string }>("SELECT pg_database_size(current_database()) AS size");
        await admin.end();
        return { disk: Number(rows[0]?.size) };
      },
      async close() {
        await storage.close();
        await server[Symbol.asyncDispose]();
      },
    };
  },
  async embedded() {
    const folder = await embeddedFolder();
    const storage = await openStorage(`embedded:${folder}`, { ...common, durable: false });
    return {
      storage,
      sizes: async () => ({ disk: bytesUnder(folder) }),
      async close() {
        await storage.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

/** Judged once; every experiment is told of with the numbers of one of these. */
const models = Array.from({ length: PER_DAY }, (_, i) => journalOf(experiment(i, NOW)));

async function fill({ journal, cache }: Storage): Promise<void> {
  const archive = archiveIn(cache, keptLog());
  const cluster = crowdedCluster(NOW);
  for (let number = 0; number < DAYS * PER_DAY; number++) {
    const slotMs = NOW - DAYS * DAY_MS + number * HOUR_MS + 1_000;
    const one = experiment(number, slotMs);
    const model = models[number % models.length] ?? [];
    const events = model.map((event) => (event.kind === "planned" ? { ...event, plan: one.plan } : event));
    const young = slotMs >= NOW - RETENTION.detailsMs;
    const state = replay(events);
    const kept = young ? events : events.map((event) => compacted(event, state) ?? event);
    const at = { atMs: slotMs, indexMs: slotMs, open: false };
    await journal.append(experimentStream(one.id), 0, kept, at);
    if (!young) continue;
    await archive.keepObservation(one.id, one.observe());
    await archive.keepSnapshot(one.id, "before", cluster);
    await archive.keepSnapshot(one.id, "after", cluster);
  }
  for (let day = 0; day < 7; day++) {
    const grid = { startMs: NOW - (day + 1) * DAY_MS, stepMs: MINUTE_MS, steps: DAY_MS / MINUTE_MS };
    await cache.save(
      `history/${MINUTE_MS}/${new Date(grid.startMs).toISOString().slice(0, 10)}`,
      encodeObservation(observationOf(grid, day)),
    );
  }
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function heldMib(): Promise<number> {
  // What an awaited answer brought along is let go of some turns later.
  for (let turns = 0; turns < 2; turns++) {
    await sleep(500);
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}

/**
 * What a worker that has just started takes to look through what every choice of a target and every
 * report looks through, then again, and holds of it.
 */
async function lookBack({ journal }: Storage) {
  const before = await heldMib();
  const book = bookOf(journal, { pack, unpack });
  const quarter = () => book.between(NOW - 90 * DAY_MS, NOW);
  const year = () => book.lastHits(NOW - DAYS * DAY_MS, NOW);
  const ms = {
    quarterFirst: await msOf(quarter),
    quarterAgain: await msOf(quarter),
    yearFirst: await msOf(year),
    yearAgain: await msOf(year),
  };
  return { ms, heldMib: Math.round(((await heldMib()) - before) * 10) / 10 };
}

const inMib = (sizes: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(sizes).map(([name, bytes]) => [name, Math.round(bytes / MIB)]));

/** Programs that a storage needs on this machine. */
const PROGRAMS: Readonly<Record<string, string>> = { redis: "redis-server", postgres: "postgres" };

async function measure(name: string, open: () => Promise<Measured>) {
  const { storage, sizes, close } = await open();
  const empty = await sizes();
  await fill(storage);
  const full = await sizes();
  const lookingBack = await lookBack(storage);
  const clock = handClock(NOW + DAY_MS);
  const archive = archiveIn(storage.cache, keptLog());
  const delay = monitorEventLoopDelay({ resolution: 5 });
  // the mark that says until when all is compact already
  await storage.cache.save("retention/compacted-until", new TextEncoder().encode(String(NOW - RETENTION.detailsMs)));
  const cpu = process.cpuUsage();
  delay.enable();
  const retained = await retain({ clock, log: keptLog(), ...storage, archive, retention: () => RETENTION }, never);
  delay.disable();
  const { user } = process.cpuUsage(cpu);
  await close();
  return {
    storage: name,
    emptyMib: inMib(empty),
    yearMib: inMib(full),
    lookingBack,
    aDay: { ...retained, cpuMs: Math.round(user / 1000), longestPauseMs: Math.round(delay.max / 1e6) },
  };
}

const { only, json } = readOptions(USAGE, {
  only: { text: undefined, words: Object.keys(BACKENDS) },
  json: { text: undefined },
});
const results: Awaited<ReturnType<typeof measure>>[] = [];
for (const [name, open] of Object.entries(BACKENDS)) {
  if (only !== undefined && only !== name) continue;
  const program = PROGRAMS[name];
  if (program !== undefined && findProgram(program) === null) {
    process.stdout.write(`${name}: left out, ${program} is not installed\n`);
    continue;
  }
  const result = await measure(name, open);
  results.push(result);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 1)}\n`);
