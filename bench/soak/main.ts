import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { imageStart } from "../../scripts/lib/image-start.mjs";
import { STORIES } from "../../src/sandbox/catalog/stories.ts";
import { startRedis } from "../../test/support/servers/redis.ts";
import { readOptions } from "../lib/options.ts";
import type { Sample, SoakSpec } from "./sample.ts";

const USAGE = `Lets the whole worker run for days of a quick clock, with Redis, against the simulated cluster, and watches whether anything grows.

  npm run bench:soak -- [--days 8] [--speed 240] [--every 6] [--seed 1] [--story stale] [--json FILE]

  --days    days of the worker's clock: 8 of them last 48 minutes at --speed 240
  --every   hours of the worker's clock between two samples
  --story   ${Object.keys(STORIES).join(", ")}

Memory is what is held after a collection of garbage. The program runs from its sources with the options of the image: watch how the figures
move, not how large they are (npm run bench:cluster says that). Needs redis-server.`;

const HOUR_MS = 3_600_000;
const WORKER = new URL("worker.ts", import.meta.url).pathname;

/**
 * MiB a day by which the later half of a run may grow: a year of it would still fit a small
 * container.
 */
const MOST_GROWTH = 0.2;

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    days: { number: 8, least: 1 },
    speed: { number: 240, least: 1 },
    every: { number: 6, least: 1 },
    seed: { number: 1 },
    story: { text: "stale", words: Object.keys(STORIES) },
    json: { text: undefined },
  });
  await using redis = await startRedis();
  const { days, speed, seed, story } = values;
  const spec: SoakSpec = { storage: redis.url, speed, seed, story, days, everyMs: values.every * HOUR_MS };
  const samples = await run(spec);
  const growth = { heap_mib: slope(samples, "heapMib"), external_mib: slope(samples, "externalMib") };
  const { seen = {} } = samples.at(-1) ?? {};
  console.log(
    `\nheld, later half, MiB a day: heap ${signed(growth.heap_mib)}, outside the heap ${signed(growth.external_mib)}`,
  );
  console.log(
    `events: ${Object.entries(seen)
      .map(([what, times]) => `${what} ${times}`)
      .join(", ")}`,
  );
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ growth_per_day: growth, samples }, null, 2)}\n`);
  return growth.heap_mib + growth.external_mib <= MOST_GROWTH ? 0 : 1;
}

/** Prints each sample as it comes. Rejects when the worker ends before its time. */
async function run(spec: SoakSpec): Promise<readonly Sample[]> {
  const { nodeOptions, env } = imageStart();
  const child = spawn(process.execPath, [...nodeOptions, "--expose-gc", WORKER, JSON.stringify(spec)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const samples: Sample[] = [];
  console.log("   day  experiments   heap MiB  outside it  resident  handles");
  for await (const line of createInterface({ input: child.stdout })) {
    const sample = JSON.parse(line) as Sample;
    samples.push(sample);
    const cells = [sample.heapMib, sample.externalMib, sample.rssMib].map((mib) => mib.toFixed(1).padStart(10));
    console.log(
      `${sample.day.toFixed(2).padStart(6)}  ${String(sample.experiments).padStart(11)} ${cells.join(" ")} ${String(sample.handles).padStart(8)}`,
    );
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the worker ended with ${code} after ${samples.at(-1)?.day ?? 0} days`);
  return samples;
}

/**
 * MiB a day over the later half: the slope of Theil and Sen, which one odd sample does not turn.
 */
function slope(samples: readonly Sample[], of: "heapMib" | "externalMib"): number {
  const later = samples.slice(samples.length >> 1);
  const slopes = later.flatMap((a, i) => later.slice(i + 1).map((b) => (b[of] - a[of]) / (b.day - a.day)));
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] ?? 0;
}

const signed = (mib: number): string => `${mib < 0 ? "−" : "+"}${Math.abs(mib).toFixed(2)}`;

process.exitCode = await main();
