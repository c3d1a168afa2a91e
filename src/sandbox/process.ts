import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { WEEK_MS } from "../core/model/units.ts";
import { isStoryName, STORIES } from "./catalog/stories.ts";
import { acceleratedClock, ManualClock } from "./clock.ts";
import { startSandbox } from "./main.ts";

const DEFAULT_SPEED = "240";

/**
 * `node src/sandbox/process.ts --port 0 --seed 1 --story stale --speed 240 --sim-origin-ms …`:
 * prints one line of JSON with the addresses and the kubeconfig when it is ready, and runs until
 * SIGTERM. Its clock runs since `--real-origin-ms`; without that it is moved by standard input:
 * each line is a time to go to (ms since the epoch), and is answered by the same line once that
 * time is there.
 */
async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      story: { type: "string", default: "stale" },
      speed: { type: "string", default: DEFAULT_SPEED },
      "sim-origin-ms": { type: "string" },
      "real-origin-ms": { type: "string" },
      "history-ms": { type: "string", default: String(WEEK_MS) },
    },
  });
  const { story } = values;
  if (!isStoryName(story)) throw new TypeError(`--story: one of ${Object.keys(STORIES).join(", ")}, not ${story}`);
  const simOriginMs = number("sim-origin-ms", values["sim-origin-ms"] ?? String(Date.now()));
  const started = values["real-origin-ms"];
  const told = new ManualClock(simOriginMs);
  const scale = { simOriginMs, speed: number("speed", values.speed) };
  const clock =
    started === undefined
      ? told
      : acceleratedClock({ ...scale, realOriginMs: number("real-origin-ms", started) }, { nowMs: Date.now });
  const sandbox = await startSandbox({
    port: number("port", values.port),
    clock,
    seed: number("seed", values.seed),
    story,
    historyMs: number("history-ms", values["history-ms"]),
    originMs: simOriginMs,
  });
  const { url, prometheusUrl, kubeconfig } = sandbox;
  process.stdout.write(`${JSON.stringify({ url, prometheusUrl, kubeconfig })}\n`);
  if (started === undefined)
    createInterface({ input: process.stdin }).on("line", (line) => {
      told.moveTo(number("standard input", line));
      process.stdout.write(`${line}\n`);
    });
  const stop = (): void => void sandbox.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new TypeError(`--${name}: a number, not ${text}`);
  return value;
}

// Answers to range queries are much garbage at once: a young generation that grows with it would
// take 100 MiB for good.
setFlagsFromString("--semi-space-growth-factor=1");

run(process.argv.slice(2)).catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
