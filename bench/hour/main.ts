import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startPrometheus } from "../../test/support/servers/prometheus.ts";
import { startRedis } from "../../test/support/servers/redis.ts";
import { makeCrowd, NAMESPACE } from "../cluster/crowd.ts";
import { startWorker } from "../cluster/measured-worker.ts";
import { readOptions } from "../lib/options.ts";
import { serveTelemetry, serviceNames, telemetryOf } from "./telemetry.ts";

const USAGE = `Lets one worker run for an hour on a cluster with 1,000 pods and a Prometheus with 300 services, on Redis, and watches that it stays under 192 MiB and never ends.

  npm run bench:hour -- [--minutes 60] [--pods 1000] [--services 300] [--history 4] [--events 1000] [--json FILE]

  --history   hours of the past that Prometheus holds at the start
  --events    changes of pods a minute

It injects: a pod of the crowd every five minutes. Needs the cluster of KUBECONFIG with fake nodes (label type=fake), redis-server, prometheus and
promtool here, and Linux. On ../shared/kube-lab: lab up --fake-nodes 5, then lab exec -- npm run bench:hour. Resident memory is read every second.`;

const LIMIT_MIB = 192;
const PROGRAM = new URL("../../dist/aftershock.mjs", import.meta.url).pathname;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PODS_A_SERVICE = 50;

const configuration = (prometheus: string, storage: string): string => `
cluster: hour
mode: inject
kubernetes: { namespace: default }
prometheus: { url: "${prometheus}" }
storage: { url: "${storage}" }
signals: istio
observation: { step: 15s, before: 10m, early: 1m, grace: 1m, late: 2m }
policies:
  - name: crowd
    schedule: { cron: "*/5 * * * *", timezone: UTC, shamShare: 0.3 }
    target: { namespaces: [${NAMESPACE}] }
    faults: [{ kind: pod-delete, weight: 1 }]
    limits: { perDay: 500, cooldown: 0s, maxUnavailable: 100%, singleReplica: skip, minAge: 0s }
web: { host: 127.0.0.1, port: 0 }
`;

async function main(): Promise<number> {
  const { minutes, pods, services, history, events, json } = readOptions(USAGE, {
    minutes: { number: 60, least: 1 },
    pods: { number: 1_000, least: 50 },
    services: { number: 300, least: 1 },
    history: { number: 4, least: 1 },
    events: { number: 1_000 },
    json: { text: undefined },
  });
  const folder = mkdtempSync(join(tmpdir(), "aftershock-hour-"));
  const config = join(folder, "aftershock.yaml");
  const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const telemetry = telemetryOf(serviceNames(services, pods / PODS_A_SERVICE), nowMs - history * HOUR_MS);
  await using exporter = await serveTelemetry(() => telemetry);
  const target = `job="mesh",instance="${exporter.address}"`;
  const scrape = `{ job_name: mesh, scrape_interval: 15s, metrics_path: /, static_configs: [{ targets: ["${exporter.address}"] }] }`;
  await using prometheus = await startPrometheus(telemetry.history(nowMs - history * HOUR_MS, nowMs, target), {
    config: `scrape_configs: [${scrape}]`,
  });
  await using redis = await startRedis();
  await using crowd = await makeCrowd(pods);
  try {
    writeFileSync(config, configuration(prometheus.url, redis.url));
    await using worker = await startWorker(config);
    const over = AbortSignal.timeout(minutes * MINUTE_MS);
    const stirring = crowd.stir(events, over);
    const resident: number[] = [];
    // a worker that ended has no memory any more, and this rejects
    for (let seconds = 1; !over.aborted; seconds++) {
      await sleep(1_000);
      resident.push(worker.residentMib());
      if (seconds % 60 === 0) console.log(`minute ${seconds / 60}: ${worker.residentMib().toFixed(1)} MiB`);
    }
    const stirred = await stirring;
    const { experiments } = await told(config);
    const result = {
      minutes,
      pods,
      services,
      events_per_minute: Math.round(stirred.events / minutes),
      resident_mib: {
        median: round(resident.toSorted((a, b) => a - b)[resident.length >> 1] ?? Number.NaN),
        max: round(Math.max(...resident)),
      },
      cpu_ms_per_minute: Math.round(worker.cpuMs() / minutes),
      api_requests_per_minute: round((await worker.counter("aftershock_kubernetes_requests_total")) / minutes),
      experiments,
    };
    console.log(JSON.stringify(result, null, 2));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
    return result.resident_mib.max < LIMIT_MIB ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many experiments came to which end, from the journal. */
async function told(config: string): Promise<{ readonly experiments: Readonly<Record<string, number>> }> {
  const text = execFileSync(process.execPath, [PROGRAM, "journal", "export", "--config", config], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const kinds = text
    .split("\n")
    .flatMap((line) => /"kind":"(planned|injected|judged|refused|missed)"/.exec(line)?.[1] ?? []);
  return {
    experiments: Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, of]) => [kind, of.length])),
  };
}

const round = (x: number): number => Math.round(x * 10) / 10;

process.exitCode = await main();
