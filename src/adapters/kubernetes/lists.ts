import type {
  V1ConfigMap,
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1Namespace,
  V1Node,
  V1Pod,
  V1PodDisruptionBudget,
  V1ReplicaSet,
  V1Service,
  V1StatefulSet,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";
import { AftershockError, hasCode } from "../../core/model/error.ts";
import type { KubernetesClient } from "./client.ts";
import { isRecord } from "./status.ts";

/** What is listed. Times are the answer's own text, whatever the type says: read them through `timeMs`. */
interface Listed {
  pods: V1Pod;
  services: V1Service;
  nodes: V1Node;
  namespaces: V1Namespace;
  deployments: V1Deployment;
  replicasets: V1ReplicaSet;
  statefulsets: V1StatefulSet;
  daemonsets: V1DaemonSet;
  controllerrevisions: V1ControllerRevision;
  jobs: V1Job;
  poddisruptionbudgets: V1PodDisruptionBudget;
  horizontalpodautoscalers: V2HorizontalPodAutoscaler;
  configmaps: V1ConfigMap;
}
export type ListedResource = keyof Listed;

const GROUPS: Readonly<Record<ListedResource, string>> = {
  pods: "/api/v1",
  services: "/api/v1",
  nodes: "/api/v1",
  namespaces: "/api/v1",
  deployments: "/apis/apps/v1",
  replicasets: "/apis/apps/v1",
  statefulsets: "/apis/apps/v1",
  daemonsets: "/apis/apps/v1",
  controllerrevisions: "/apis/apps/v1",
  jobs: "/apis/batch/v1",
  poddisruptionbudgets: "/apis/policy/v1",
  horizontalpodautoscalers: "/apis/autoscaling/v2",
  configmaps: "/api/v1",
};

/** Objects in one answer: keeps a big namespace's answer small enough to parse without a long pause. */
const PAGE_SIZE = 500;

/** All objects, and the version of the list for a watch that starts there. */
export interface FullList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/** `/api/v1/namespaces/go-app/pods`, or without a namespace `/api/v1/nodes`. */
export function collectionPath(resource: ListedResource, namespace: string | null): string {
  const inside = namespace === null ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${GROUPS[resource]}${inside}/${resource}`;
}

/**
 * Reads a list page by page, from one consistent moment. When the server has forgotten that moment (410) it begins again, once.
 * Past client-node's models, which take longer to fill than the JSON takes to parse.
 */
export async function listAll<R extends ListedResource>(
  client: KubernetesClient,
  resource: R,
  namespace: string | null,
  signal: AbortSignal,
  labelSelector?: string,
): Promise<FullList<Listed[R]>> {
  const path = collectionPath(resource, namespace);
  const query = labelSelector === undefined ? {} : { labelSelector };
  try {
    return await allPages(client, path, query, signal);
  } catch (cause) {
    if (!hasCode(cause, "cluster-gone")) throw cause;
    return allPages(client, path, query, signal);
  }
}

/** How much of a list is read of which nobody knows how big its objects are. */
export interface PageLimits {
  readonly labelSelector: string;
  readonly pageSize: number;
  readonly maxPages: number;
}

/**
 * The first pages of a list; null when there are more than may be read: a part of them would be taken for all.
 * @param read what is kept of one object: no two pages of whole objects are in memory at a time
 */
export async function listFew<R extends ListedResource, T>(
  client: KubernetesClient,
  resource: R,
  namespace: string,
  { labelSelector, pageSize, maxPages }: PageLimits,
  read: (item: Listed[R]) => T,
  signal: AbortSignal,
): Promise<FullList<T> | null> {
  const path = collectionPath(resource, namespace);
  const items: T[] = [];
  const keep = (page: readonly Listed[R][]) => void items.push(...page.map(read));
  const found = await eachPage<Listed[R]>(client, path, { labelSelector }, keep, signal, pageSize, maxPages);
  return found.whole ? { items, resourceVersion: found.resourceVersion } : null;
}

async function allPages<T>(
  client: KubernetesClient,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<FullList<T>> {
  const items: T[] = [];
  const { resourceVersion } = await eachPage<T>(client, path, query, (page) => void items.push(...page), signal);
  return { items, resourceVersion };
}

async function eachPage<T>(
  client: KubernetesClient,
  path: string,
  query: Readonly<Record<string, string>>,
  seen: (page: readonly T[]) => void,
  signal: AbortSignal,
  pageSize = PAGE_SIZE,
  maxPages = Number.POSITIVE_INFINITY,
): Promise<{ readonly resourceVersion: string; readonly whole: boolean }> {
  let next = "";
  let resourceVersion = "";
  let pages = 0;
  do {
    if (pages++ >= maxPages) return { resourceVersion, whole: false };
    const page = next === "" ? query : { ...query, continue: next };
    const answer = pageOf(await client.get(path, { ...page, limit: String(pageSize) }, signal), client.server);
    seen(answer.items as T[]);
    resourceVersion = answer.resourceVersion;
    next = answer.next;
  } while (next !== "");
  return { resourceVersion, whole: true };
}

/** A server with nothing to list may say null. Anything else that is no list is refused, not taken for empty. */
function pageOf(answer: unknown, server: string): { items: unknown[]; resourceVersion: string; next: string } {
  const items = isRecord(answer) && "items" in answer ? (answer.items ?? []) : undefined;
  if (!isRecord(answer) || !Array.isArray(items)) {
    throw new AftershockError("cluster-unavailable", `${server} answered a list request with something else`, {
      hint: "check that the kubeconfig's address is a Kubernetes API server and not a proxy or a login page",
    });
  }
  const metadata = isRecord(answer.metadata) ? answer.metadata : {};
  return { items, resourceVersion: String(metadata.resourceVersion ?? ""), next: String(metadata.continue ?? "") };
}
