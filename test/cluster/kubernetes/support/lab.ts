import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type AuthenticationV1TokenRequest, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { connect, type KubernetesClient } from "../../../../src/adapters/kubernetes/client/client.ts";
import { loadKubeconfig } from "../../../../src/adapters/kubernetes/client/kubeconfig.ts";
import { collectionIn, named } from "../../../../src/adapters/kubernetes/client/paths.ts";
import { kubernetesReader } from "../../../../src/adapters/kubernetes/read/reader.ts";
import { type Grantee, rbacManifests } from "../../../../src/adapters/kubernetes/rights/rbac.ts";
import type { Right } from "../../../../src/adapters/kubernetes/rights/rights.ts";
import type { Pod, WorkloadRef } from "../../../../src/core/model/cluster.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { InjectionOrder } from "../../../../src/ports/faults.ts";
import type { Log } from "../../../../src/ports/log.ts";

/** Where the go-app example runs; its repeater has two replicas that may be hit. */
export const NAMESPACE = "go-app";
export const REPEATER: WorkloadRef = { kind: "Deployment", namespace: NAMESPACE, name: "repeater" };

export const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  realMs: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};
export const log: Log = { debug() {}, info() {}, warn: console.warn, error: console.error };
/** Where warnings are expected. */
export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
export const deadline = (): AbortSignal => AbortSignal.timeout(120_000);

export function orderFor(
  fault: InjectionOrder["fault"],
  pods: readonly Pod[],
  changes: Partial<InjectionOrder["target"]> = {},
): InjectionOrder {
  const [first] = pods;
  return {
    experimentId: `lab-${fault.kind}-${Date.now()}`,
    fault,
    target: { workload: first?.workload ?? REPEATER, services: [], pods, node: null, zone: null, ...changes },
    expiresMs: Date.now() + 600_000,
  };
}

/** The repeater's pods once both are Ready and nothing is on its way out. */
export async function readyRepeaters(client: KubernetesClient): Promise<readonly [Pod, Pod]> {
  const signal = deadline();
  const reader = kubernetesReader(client, clock);
  while (true) {
    const pods = await reader.podsOf(REPEATER, signal);
    const [first, second] = pods;
    if (first && second && pods.length === 2 && pods.every((pod) => pod.ready && !pod.terminating))
      return [first, second];
    await wait(300, undefined, { signal });
  }
}

/** Asks until the answer is true. */
export async function eventually(question: () => Promise<boolean>): Promise<void> {
  const signal = deadline();
  while (!(await question())) await wait(300, undefined, { signal });
}

/** A client for another address or user than KUBECONFIG's own. */
export function clientAt(changes: { readonly server?: string; readonly user?: object }): KubernetesClient {
  const folder = mkdtempSync(join(tmpdir(), "aftershock-lab-"));
  const path = join(folder, "kubeconfig");
  const own = loadKubeconfig({}).getCurrentCluster()!;
  const cluster =
    changes.server === undefined
      ? { server: own.server, "certificate-authority-data": own.caData, "certificate-authority": own.caFile }
      : { server: changes.server };
  const config = {
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: changes.user ?? {} }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
  writeFileSync(path, JSON.stringify(config));
  const client = connect({ kubeconfig: path });
  rmSync(folder, { recursive: true });
  return client;
}

/** Makes objects, and removes what it made, in reverse order. */
export interface Scenery extends AsyncDisposable {
  make(...objects: readonly KubernetesObject[]): Promise<void>;
}

export function scenery(): Scenery {
  const api = KubernetesObjectApi.makeApiClient(loadKubeconfig({}));
  const made: KubernetesObject[] = [];
  return {
    async make(...objects) {
      for (const object of objects) made.unshift(await api.create(object));
    },
    async [Symbol.asyncDispose]() {
      for (const object of made.splice(0))
        await api.delete(object).catch((cause: unknown) => console.warn(String(cause).slice(0, 200)));
    },
  };
}

/**
 * A client that is allowed exactly these rights, through a service account and the manifests that
 * `aftershock rbac` prints.
 */
export async function allowed(
  admin: KubernetesClient,
  stage: Scenery,
  rights: readonly Right[],
  grantee: Grantee,
): Promise<KubernetesClient> {
  const { namespace, serviceAccount: name } = grantee;
  await stage.make({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await stage.make({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
  await stage.make(...(rbacManifests(rights, grantee) as unknown as KubernetesObject[]));
  const path = `${named(collectionIn("/api/v1", "serviceaccounts", namespace), name)}/token`;
  const body = { spec: { audiences: [], expirationSeconds: 600 } };
  const token = await admin.request<AuthenticationV1TokenRequest>({ method: "POST", path, body }, deadline());
  return clientAt({ user: { token: token.status?.token } });
}
