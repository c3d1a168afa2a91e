import type { SandboxParts } from "../../../src/sandbox/parts.ts";

/** What tests do to a cluster over its API, as a person or Aftershock would. */

interface PodList {
  readonly items: readonly KubePod[];
}
export interface KubePod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

const SANDBOX_JSON = { "content-type": "application/json" };

export const call = (
  sandbox: SandboxParts,
  method: string,
  path: string,
  body?: object,
  contentType?: string,
): Promise<Response> =>
  Promise.resolve(
    sandbox.app.request(path, {
      method,
      headers: contentType === undefined ? SANDBOX_JSON : { "content-type": contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

export async function podsOf(sandbox: SandboxParts, namespace: string, workload: string): Promise<KubePod[]> {
  const response = await call(sandbox, "GET", `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${workload}`);
  return [...((await response.json()) as PodList).items];
}

export const isReady = (pod: KubePod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");

/** Deletes the first pod of a workload; answers it as it was. */
export async function killPod(
  sandbox: SandboxParts,
  namespace: string,
  workload: string,
  graceSeconds?: number,
): Promise<KubePod> {
  const pod = (await podsOf(sandbox, namespace, workload))[0]!;
  const preconditions = { uid: pod.metadata.uid };
  const grace = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds };
  const response = await call(sandbox, "DELETE", `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`, {
    preconditions,
    ...grace,
  });
  if (response.status !== 200) throw new Error(await response.text());
  return pod;
}

/** `kubectl rollout restart deployment` */
export async function restartDeployment(sandbox: SandboxParts, namespace: string, name: string): Promise<void> {
  const annotations = { "kubectl.kubernetes.io/restartedAt": "2026-03-09T12:00:00Z" };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const patch = { spec: { template: { metadata: { annotations } } } };
  const response = await call(sandbox, "PATCH", path, patch, "application/strategic-merge-patch+json");
  if (response.status !== 200) throw new Error(await response.text());
}

interface VectorAnswer {
  readonly status: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

/** Rows of an instant query at the sandbox's own time: labels and number. */
export async function ask(
  sandbox: SandboxParts,
  query: string,
): Promise<{ metric: Readonly<Record<string, string>>; value: number }[]> {
  const response = await sandbox.app.request(`/prometheus/api/v1/query?query=${encodeURIComponent(query)}`);
  const answer = (await response.json()) as VectorAnswer;
  if (answer.status !== "success") throw new Error(JSON.stringify(answer));
  return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

const total = (rows: readonly { readonly value: number }[]): number => rows.reduce((sum, { value }) => sum + value, 0);

/** Share of a service's requests in the last minutes that did not fail, as its callers saw it. */
export async function successShare(sandbox: SandboxParts, service: string, minutes: number): Promise<number> {
  const [namespace, name] = service.split("/");
  const labels = `reporter="source",destination_service_namespace="${namespace}",destination_service_name="${name}"`;
  const all = total(await ask(sandbox, `increase(istio_requests_total{${labels}}[${minutes}m])`));
  const failed = total(
    await ask(sandbox, `increase(istio_requests_total{${labels},response_code=~"5..|0"}[${minutes}m])`),
  );
  return 1 - failed / all;
}
