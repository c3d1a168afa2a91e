/**
 * The whole worker on a quick clock against the simulated cluster, for as many days as asked: `node
 * --expose-gc worker.ts JSON`. Prints a line of JSON whenever `everyMs` of its time have passed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { consoleNotifier } from "../../src/adapters/slack/console.ts";
import { waitingClock } from "../../src/adapters/system/waiting-clock.ts";
import type { Listener } from "../../src/app/records/append-event.ts";
import { work } from "../../src/app/worker/work.ts";
import { pacedQueue } from "../../src/main/demo/paced-queue.ts";
import { startSandbox } from "../../src/main/demo/sandbox.ts";
import { factsOf } from "../../src/main/web/facts.ts";
import { webData } from "../../src/main/web/web-data.ts";
import { wire } from "../../src/main/wire.ts";
import { soakConfig } from "./config.ts";
import type { Sample, SoakSpec } from "./sample.ts";

const BEGINS_MS = Date.parse("2026-03-06T08:55:00Z");
const SANDBOX = new URL("../../src/sandbox/process.ts", import.meta.url);
/** What a cured application needs until it is looked at again. */
const CURE_MS = 60 * 60_000;
const MIB = 1_024 ** 2;

const { storage, speed, seed, story, days, everyMs } = JSON.parse(process.argv[2]!) as SoakSpec;
const scale = { speed, simOriginMs: BEGINS_MS };
const clock = waitingClock(scale);
const stop = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "aftershock-soak-"));
await using sandbox = await startSandbox({ ...scale, seed, story }, SANDBOX);
const config = join(folder, "aftershock.yaml");
const kubeconfig = join(folder, "kubeconfig.yaml");
writeFileSync(config, soakConfig({ storage, prometheusUrl: sandbox.prometheusUrl, seed }));
writeFileSync(kubeconfig, sandbox.kubeconfig);

const seen = new Map<string, number>();
const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
let curedAtMs = 0;
/**
 * As a person would: damage that keeps the next experiment from beginning is cured by a restart.
 */
const tell: Listener = (_id, event) => {
  count(event.kind);
  if (event.kind === "judged") count(event.judgement.headline);
  if (event.kind !== "refused" || event.gate !== "open-damage" || clock.nowMs() - curedAtMs < CURE_MS) return;
  curedAtMs = clock.nowMs();
  void sandbox.restart("go-app", "go-app", curedAtMs);
};
const complain = (level: string) => (message: string, fields?: object) => {
  count(level);
  process.stderr.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};
const quiet = (): void => undefined;

await using wired = await wire(
  { config },
  {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    cwd: folder,
    terminal: false,
    signal: stop.signal,
    out: quiet,
    err: quiet,
  },
  {
    clock,
    speed,
    pace: (queue) => pacedQueue(queue, clock),
    log: { debug: quiet, info: quiet, warn: complain("warn"), error: complain("error") },
    notifier: consoleNotifier(() => count("messages")),
    tell,
  },
);
const web = webData({ deps: wired.deps, facts: factsOf(wired) });
await wired.deps.history.refresh(wired.config.observation.geometry.stepMs, stop.signal);
const ticking = clock.run(sandbox.moveTo, stop.signal);
const working = work(wired.deps, stop.signal);

for (let passedMs = everyMs; passedMs <= days * 86_400_000; passedMs += everyMs) {
  await clock.sleep(BEGINS_MS + passedMs - clock.nowMs(), stop.signal);
  // Somebody looks at every page of the dashboard.
  const [week] = await web.weeks();
  await Promise.all([web.status(), web.lines(), web.findings(), web.risks(), web.report(week!), web.metrics()]);
  globalThis.gc!();
  const { heapUsed, external, rss } = process.memoryUsage();
  const sample: Sample = {
    day: passedMs / 86_400_000,
    experiments: seen.get("judged") ?? 0,
    heapMib: heapUsed / MIB,
    externalMib: external / MIB,
    rssMib: rss / MIB,
    handles: process.getActiveResourcesInfo().length,
    seen: Object.fromEntries(seen),
  };
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}
stop.abort(new Error("the soak is over"));
await ticking.catch(() => undefined);
await working.catch(() => undefined);
await wired.deps.queue.close(5_000);
rmSync(folder, { recursive: true, force: true });
