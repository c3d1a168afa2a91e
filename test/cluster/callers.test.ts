import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { application, http, type Part } from "../../bench/lab/apps.ts";
import { kubectl } from "../../bench/lab/program.ts";
import { aftershock, type ExperimentJson } from "./support/story.ts";

/**
 * What callers do when what they call fails, on a real cluster: each weakness in an application
 * that has it, and its nearest neighbour without. AFTERSHOCK_IMAGE names our own image, as the
 * nodes have it; PROMETHEUS_URL its Prometheus.
 */
const { AFTERSHOCK_IMAGE, PROMETHEUS_URL = "http://127.0.0.1:9090" } = process.env;
const NAMESPACE = "callers";
const RATE = 20;

const calls = (name: string, service: string, ...more: readonly string[]): Part =>
  http(name, 1, ["repeater", "--upstream", `http://${service}:8080`, ...more]);
const BUSY = ["leaf", "--work", "40", "--start-delay", "15"];

const PARTS: readonly Part[] = [
  http("pay", 2, ["leaf"]),
  calls("checkout", "pay", "--attempts", "10"),
  http("stock", 1, BUSY),
  calls("shop", "stock", "--attempts", "10", "--pause", "3000"),
  http("wares", 1, BUSY),
  calls("till", "wares"),
  http("slow", 1, ["leaf"]),
  calls("patient", "slow"),
  http("late", 1, ["leaf"]),
  calls("hasty", "late", "--timeout", "1000"),
  http("catalog", 1, ["leaf"]),
  http("ads", 1, ["leaf"]),
  calls("page", "catalog", "--also", "http://ads:8080"),
  calls("plain", "catalog", "--also", "http://ads:8080", "--optional"),
];
const ENTRIES = ["checkout", "shop", "till", "patient", "hasty", "page", "plain"];

/** Windows of two minutes and a half, and faults of a minute. */
const configuration = (name: string, folder: string): string => `
cluster: callers
mode: inject
kubernetes: { namespace: default, lease: aftershock-${name} }
prometheus: { url: "${PROMETHEUS_URL}" }
storage: { url: "embedded:${folder}/${name}" }
signals: istio
observation: { step: 10s, before: 2m, early: 1m, grace: 20s, late: 1m }
gates: { degradedWindow: 1m }
alerts: { enabled: false }
abort: { enabled: false }
web: { host: 127.0.0.1, port: 0 }
policies:
  - name: callers
    schedule: { cron: "0 0 1 1 *", timezone: UTC, shamShare: 0 }
    target: { namespaces: [${NAMESPACE}] }
    faults:
      - { kind: pod-delete }
      - { kind: http-abort, duration: 1m, httpStatus: 503, percent: 50 }
      - { kind: http-delay, duration: 1m, delay: 3s, percent: 50 }
    limits: { perDay: 200, failedRequests: 100000000, cooldown: 0s, minAge: 0s, maxUnavailable: 100%, singleReplica: allow, confirmations: 0 }
`;

const WEAK = [
  { target: "pay", fault: "http-abort", finds: ["retries-hide-failures Deployment callers/checkout"] },
  { target: "stock", fault: "pod-delete", finds: ["retry-storm Deployment callers/shop"] },
  { target: "slow", fault: "http-delay", finds: ["no-timeout Deployment callers/patient"] },
  { target: "ads", fault: "http-abort", finds: ["no-fallback Deployment callers/page"] },
];
const NEIGHBOURS = [
  { target: "catalog", fault: "pod-delete", finds: [] },
  { target: "wares", fault: "pod-delete", finds: [] },
  { target: "late", fault: "http-delay", finds: [] },
];
const RULES = ["retries-hide-failures", "retry-storm", "no-timeout", "no-fallback", "stale-connection"];

describe.skipIf(AFTERSHOCK_IMAGE === undefined)("callers in a real cluster", () => {
  let folder: string;
  /** By target. */
  const ended = new Map<string, ExperimentJson>();

  /** All at once: they have nothing to do with each other, and each takes minutes. */
  const play = (round: readonly { readonly target: string; readonly fault: string }[]) =>
    Promise.all(
      round.map(async ({ target, fault }) => {
        const config = join(folder, `${target}.yaml`);
        await writeFile(config, configuration(target, folder));
        const args = ["run", "--policy", "callers", "--once", "--json", "--fault", fault];
        const { json, stderr } = await aftershock({ config }, ...args, "--target", `${NAMESPACE}/${target}`);
        const experiment = json?.experiments[0];
        if (experiment === undefined) throw new Error(`${target}: ${stderr}`);
        ended.set(target, experiment);
      }),
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aftershock-callers-"));
    const nodes = (await kubectl(["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"])).trim().split(/\s+/);
    const setting = { image: AFTERSHOCK_IMAGE ?? "", rate: RATE, nodes };
    const items = application({ parts: PARTS, entries: ENTRIES }, NAMESPACE, setting);
    await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await kubectl(["-n", NAMESPACE, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=300s"]);
    await sleep(PAST_MS);
    await play(WEAK);
    await sleep(PAST_MS);
    await play(NEIGHBOURS);
  }, 1_500_000);
  afterAll(async () => {
    await kubectl(["delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=240s"]);
    await rm(folder, { recursive: true, force: true });
  }, 300_000);

  test.each([...WEAK, ...NEIGHBOURS])("$fault on $target finds $finds of callers", ({ target, finds }) => {
    const experiment = ended.get(target)!;
    expect(experiment.headline, JSON.stringify(experiment, null, 1)).not.toBeNull();
    const found = experiment.findings.map(({ weakness, workload }) => `${weakness} ${workload}`);
    const ofCallers = found.filter((name) => RULES.some((rule) => name.startsWith(rule)));
    expect(ofCallers, JSON.stringify(experiment, null, 1)).toEqual(finds);
  });
});

/** The window before an injection, and scrapes. */
const PAST_MS = 150_000;
