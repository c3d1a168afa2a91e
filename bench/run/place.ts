import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSandbox } from "../../src/main/demo/sandbox.ts";

const SANDBOX = new URL("../../dist/sandbox.mjs", import.meta.url);

/** Where the pod is killed. */
export interface Place extends AsyncDisposable {
  readonly name: string;
  readonly kubeconfig: string;
  readonly prometheusUrl: string;
  readonly namespace: string;
}

/** The simulated cluster moves on this often, ms. */
const TICK_MS = 50;
/** A mesh that is as young as one that was made for the comparison: no week is read first. */
const PAST_MS = 3_600_000;

/**
 * The cluster of KUBECONFIG and PROMETHEUS_URL, or the simulated one, whose clock then runs as fast
 * as ours.
 */
export async function openPlace(folder: string, namespace: string): Promise<Place> {
  const { KUBECONFIG, PROMETHEUS_URL } = process.env;
  if (KUBECONFIG !== undefined) {
    const prometheusUrl = PROMETHEUS_URL ?? "http://127.0.0.1:9090";
    return {
      name: "cluster",
      kubeconfig: KUBECONFIG,
      prometheusUrl,
      namespace,
      async [Symbol.asyncDispose]() {},
    };
  }
  const nowMs = Date.now();
  const sandbox = await startSandbox(
    { speed: 1, simOriginMs: nowMs, seed: 1, story: "no-effect", historyMs: PAST_MS },
    SANDBOX,
  );
  const ticking = setInterval(() => void sandbox.moveTo(Date.now()), TICK_MS);
  const kubeconfig = join(folder, "kubeconfig.yaml");
  writeFileSync(kubeconfig, sandbox.kubeconfig);
  return {
    name: "sandbox",
    kubeconfig,
    prometheusUrl: sandbox.prometheusUrl,
    namespace: "go-app",
    async [Symbol.asyncDispose]() {
      clearInterval(ticking);
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** A configuration with small windows; `mode` observe is refused by a gate. */
export const configuration = (place: Place, storage: string, mode: "inject" | "observe"): string => `
cluster: bench
mode: ${mode}
prometheus: { url: "${place.prometheusUrl}" }
kubernetes: { namespace: default }
storage: { url: "${storage}" }
signals: istio
observation: { step: 15s, before: 5m, early: 45s, grace: 15s, late: 45s }
policies:
  - name: pods
    schedule: { cron: "0 * * * *", timezone: UTC, shamShare: 0 }
    target: { namespaces: [${place.namespace}], exclude: { labels: "app=load" } }
    faults: [{ kind: pod-delete, weight: 1 }]
    limits: { perDay: 50, cooldown: 0s, maxUnavailable: 100%, singleReplica: allow, minAge: 0s, confirmations: 0 }
alerts: { enabled: false }
log: { level: warn, format: text }
`;
