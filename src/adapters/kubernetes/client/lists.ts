import type {
  V1ConfigMap,
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
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
import { AftershockError, hasCode } from "../../../core/model/error.ts";
import { tooLong } from "./bounded.ts";
import type { KubernetesClient } from "./client.ts";
import { collectionPath } from "./paths.ts";
import { isRecord } from "./status.ts";

/** What is listed. */
interface Listed {
  pods: V1Pod;
  services: V1Service;
  endpointslices: V1EndpointSlice;
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

/**
 * Objects in one answer: keeps a big namespace's answer small enough to parse without a long pause.
 */
const PAGE_SIZE = 500;

/** A list that never ends is none: more objects of one kind than this no cluster has. */
const MOST_PAGES = 1_000;

/** All objects, and the version of the list for a watch that starts there. */
export interface FullList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/** Which objects of a list, as the API server reads it; without them all. */
export interface Selectors {
  /** `app=shop,tier in (a,b)` */
  readonly labelSelector?: string;
  /** `metadata.name=shop` */
  readonly fieldSelector?: string;
}

/**
 * Reads a list page by page, from one consistent moment. When the server has forgotten that moment
 * (410) it begins again, once.
 */
export async function listAll<R extends ListedResource>(
  client: KubernetesClient,
  resource: R,
  namespace: string | null,
  signal: AbortSignal,
  selectors: Selectors = {},
): Promise<FullList<Listed[R]>> {
  const path = collectionPath(resource, namespace);
  const query = { ...selectors };
  try {
    return await allPages(client, path, query, signal);
  } catch (cause) {
    if (!hasCode(cause, "cluster-gone")) throw cause;
    return allPages(client, path, query, signal);
  }
}

/** A list of which nobody knows how big its objects are, and how much of it is read. */
interface FewOf<R extends ListedResource> {
  readonly resource: R;
  readonly namespace: string;
  readonly labelSelector: string;
  readonly pageSize: number;
  readonly maxPages: number;
}

/**
 * The first pages of a list; null when there are more than may be read: a part of them would be
 * taken for all.
 * @param read what is kept of one object: no two pages of whole objects are in memory at a time
 */
export async function listFew<R extends ListedResource, T>(
  client: KubernetesClient,
  { resource, namespace, labelSelector, pageSize, maxPages }: FewOf<R>,
  read: (item: Listed[R]) => T,
  signal: AbortSignal,
): Promise<FullList<T> | null> {
  const path = collectionPath(resource, namespace);
  const items: T[] = [];
  const keep = (page: readonly Listed[R][]) => void items.push(...page.map(read));
  const pages = { path, query: { labelSelector }, pageSize, maxPages };
  const found = await eachPage<Listed[R]>(client, pages, keep, signal);
  return found.whole ? { items, resourceVersion: found.resourceVersion } : null;
}

async function allPages<T>(
  client: KubernetesClient,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<FullList<T>> {
  const items: T[] = [];
  const { resourceVersion } = await eachPage<T>(client, { path, query }, (page) => void items.push(...page), signal);
  return { items, resourceVersion };
}

interface PagesOf {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly pageSize?: number;
  readonly maxPages?: number;
}

async function eachPage<T>(
  client: KubernetesClient,
  { path, query, pageSize = PAGE_SIZE, maxPages }: PagesOf,
  seen: (page: readonly T[]) => void,
  signal: AbortSignal,
): Promise<{ readonly resourceVersion: string; readonly whole: boolean }> {
  let next = "";
  let resourceVersion = "";
  let pages = 0;
  do {
    if (pages++ >= (maxPages ?? MOST_PAGES)) {
      if (maxPages === undefined) throw tooLong(`the list ${path}`);
      return { resourceVersion, whole: false };
    }
    const page = next === "" ? query : { ...query, continue: next };
    const asked = { method: "GET", path, query: { ...page, limit: String(pageSize) } } as const;
    const answer = pageOf(await client.request(asked, signal), client.server);
    seen(answer.items as T[]);
    resourceVersion = answer.resourceVersion;
    next = answer.next;
  } while (next !== "");
  return { resourceVersion, whole: true };
}

/**
 * A server with nothing to list may say null. Anything else that is no list is refused, not taken
 * for empty.
 */
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
