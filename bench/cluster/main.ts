import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startRedis } from "../../test/support/servers/redis.ts";
import { readOptions } from "../lib/options.ts";
import { makeCrowd, NAMESPACE } from "./crowd.ts";
import { type MeasuredWorker, startWorker } from "./measured-worker.ts";

const USAGE = `Measures the worker on the cluster of KUBECONFIG: memory at rest while pods change, and the time from its decision to its call.

  PROMETHEUS_URL=http://… npm run bench:cluster -- [--pods 1000] [--events 5000] [--minutes 3] [--experiments 6] [--json FILE]

  --pods         pods on fake nodes (label type=fake), made for the measurement and removed afterwards
  --events       changes of pods a minute while the worker rests
  --minutes      how long it rests
  --experiments  injections that are timed, one a minute

Needs redis-server here, a Prometheus that scrapes a mesh, and Linux. On ../shared/kube-lab: lab up --fake-nodes 5.`;

const BUDGET = { resident_mib: 128, decision_to_call_ms: 250 };
const PROGRAM = new URL("../../dist/aftershock.mjs", import.meta.url).pathname;
const MINUTE_MS = 60_000;
/** After its start a worker compiles and reads lists; rest begins afterwards. */
const SETTLE_MS = 30_000;

const configuration = (mode: "observe" | "inject", storage: string): string => `
cluster: scale
mode: ${mode}
kubernetes: { namespace: default }
prometheus: { url: "${process.env.PROMETHEUS_URL ?? "http://127.0.0.1:9090"}" }
storage: { url: "${storage}" }
signals: istio
observation: { step: 5s, before: 30s, early: 15s, grace: 5s, late: 15s }
policies:
  - name: crowd
    schedule: { cron: "* * * * *", timezone: UTC, shamShare: 0 }
    target: { namespaces: [${NAMESPACE}] }
    faults: [{ kind: pod-delete, weight: 1 }]
    limits: { perDay: 200, cooldown: 0s, maxUnavailable: 100%, singleReplica: skip, minAge: 0s }
web: { host: 127.0.0.1, port: 0 }
`;

interface Timed {
  readonly id: string;
  /**
   * From the slot's beginning of work to the choice: fresh lists of everything, and the call graph.
   */
  readonly look_ms: number;
  /** From the choice to the answer of the one API call: gates, lease, journal, call. */
  readonly decision_to_call_ms: number;
  /** Requests to the API server from the slot to the verdict. */
  readonly api_requests: number;
}

async function main(): Promise<number> {
  const values = readOptions(USAGE, {
    pods: { number: 1_000, least: 50 },
    events: { number: 5_000 },
    minutes: { number: 3, least: 1 },
    experiments: { number: 6, least: 1 },
    json: { text: undefined },
  });
  const folder = mkdtempSync(join(tmpdir(), "aftershock-scale-"));
  const config = join(folder, "aftershock.yaml");
  await using redis = await startRedis();
  await using crowd = await makeCrowd(values.pods);
  try {
    writeFileSync(config, configuration("observe", redis.url));
    await using worker = await startWorker(config);
    await sleep(SETTLE_MS);

    const rest = AbortSignal.timeout(values.minutes * MINUTE_MS);
    const resident: number[] = [];
    const cpuBefore = worker.cpuMs();
    const requestsBefore = await worker.counter("aftershock_kubernetes_requests_total");
    const stirring = crowd.stir(values.events, rest);
    while (!rest.aborted) {
      await sleep(1_000);
      resident.push(worker.residentMib());
    }
    const stirred = await stirring;
    const minutes = stirred.ms / MINUTE_MS;
    const cpuPerMinute = (worker.cpuMs() - cpuBefore) / minutes;
    const restRequests = (await worker.counter("aftershock_kubernetes_requests_total")) - requestsBefore;

    writeFileSync(config, configuration("inject", redis.url));
    const timed: Timed[] = [];
    while (timed.length < values.experiments) timed.push(await timeOne(worker, config));

    const sorted = resident.toSorted((a, b) => a - b);
    const calls = timed.map((one) => one.decision_to_call_ms).toSorted((a, b) => a - b);
    const wholes = timed.map((one) => one.look_ms + one.decision_to_call_ms).toSorted((a, b) => a - b);
    const result = {
      pods: values.pods,
      events_per_minute: Math.round(stirred.events / minutes),
      resident_mib: { median: round(middle(sorted)), max: round(sorted.at(-1)!) },
      rest_cpu_ms_per_minute: Math.round(cpuPerMinute),
      rest_api_requests_per_minute: round(restRequests / minutes),
      decision_to_call_ms: { median: middle(calls), max: calls.at(-1)! },
      slot_to_call_ms: { median: middle(wholes), max: wholes.at(-1)! },
      api_requests_per_experiment: middle(timed.map((one) => one.api_requests).toSorted((a, b) => a - b)),
      experiments: timed,
    };
    print(result);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
    const fits = sorted.at(-1)! <= BUDGET.resident_mib && calls.at(-1)! <= BUDGET.decision_to_call_ms;
    return fits ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Waits for the worker's next injection and its verdict, and reads from the journal how long it
 * took.
 */
async function timeOne(worker: MeasuredWorker, config: string): Promise<Timed> {
  const before = await worker.counter("aftershock_kubernetes_requests_total");
  const { experimentId } = await worker.heard("fault ordered", 5 * MINUTE_MS);
  const id = String(experimentId);
  for (let looks = 0; looks < 60; looks++) {
    await sleep(2_000);
    const at = momentsOf(id, config);
    if (!at.has("judged")) continue;
    const after = await worker.counter("aftershock_kubernetes_requests_total");
    const ms = (from: string, to: string): number => at.get(to)! - at.get(from)!;
    return {
      id,
      look_ms: ms("planned", "chosen"),
      decision_to_call_ms: ms("chosen", "injected"),
      api_requests: after - before,
    };
  }
  throw new Error(`${id} was not judged in two minutes; the worker said:\n${worker.said().join("\n")}`);
}

/** When each kind of event was written first, ms since the epoch. */
function momentsOf(id: string, config: string): ReadonlyMap<string, number> {
  const text = execFileSync(process.execPath, [PROGRAM, "explain", id, "--json", "--config", config], {
    encoding: "utf8",
  });
  const { entries } = JSON.parse(text) as { entries: { atMs: number; event: { kind: string } }[] };
  return new Map(entries.toReversed().map((entry) => [entry.event.kind, entry.atMs]));
}

const middle = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? Number.NaN;
const round = (x: number): number => Math.round(x * 10) / 10;

interface Result {
  readonly pods: number;
  readonly events_per_minute: number;
  readonly resident_mib: { readonly median: number; readonly max: number };
  readonly rest_cpu_ms_per_minute: number;
  readonly rest_api_requests_per_minute: number;
  readonly decision_to_call_ms: { readonly median: number; readonly max: number };
  readonly slot_to_call_ms: { readonly median: number; readonly max: number };
  readonly api_requests_per_experiment: number;
}

function print(r: Result): void {
  const line = (name: string, value: string, limit = ""): void =>
    console.log(`${name.padEnd(44)}${value.padEnd(30)}${limit}`);
  console.log(`${r.pods} pods, ${r.events_per_minute} changes a minute`);
  line(
    "resident memory at rest, MiB",
    `${r.resident_mib.median} (max ${r.resident_mib.max})`,
    `budget ${BUDGET.resident_mib}`,
  );
  line("CPU at rest, ms a minute", String(r.rest_cpu_ms_per_minute));
  line("API requests at rest, a minute", String(r.rest_api_requests_per_minute));
  line(
    "from the decision to the call, ms",
    `${r.decision_to_call_ms.median} (max ${r.decision_to_call_ms.max})`,
    `budget ${BUDGET.decision_to_call_ms}`,
  );
  line("from the slot to the call, ms", `${r.slot_to_call_ms.median} (max ${r.slot_to_call_ms.max})`);
  line("API requests, slot to verdict", String(r.api_requests_per_experiment));
}

process.exitCode = await main();
