import { AftershockError, hasCode } from "../../../../core/model/error.ts";
import type { Ask, KubernetesClient } from "../../client/client.ts";
import { collectionIn, named } from "../../client/paths.ts";
import { isRecord } from "../../client/status.ts";
import type { HttpRoute, VirtualService } from "./virtual-service.ts";

const GROUP = "networking.istio.io";
const PLURAL = "virtualservices";
/** Newest first; Istio serves `v1` since 1.22. */
const VERSIONS = ["v1", "v1beta1"] as const;

/** A merge patch: null removes a label or annotation; routes are replaced as a whole. */
export interface VirtualServiceChange {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly http: readonly HttpRoute[];
}

/**
 * Requests for VirtualServices, in the newest version that this cluster serves. Objects keep every
 * field they came with.
 */
export interface VirtualServiceApi {
  /** Of one namespace, or (null) of all; null when the cluster knows no VirtualServices. */
  list(namespace: string | null, signal: AbortSignal, labelSelector?: string): Promise<VirtualService[] | null>;
  create(service: VirtualService, signal: AbortSignal, whyNot?: Ask["whyNot"]): Promise<void>;
  /** The object now, null when it is gone. */
  get(namespace: string, name: string, signal: AbortSignal): Promise<VirtualService | null>;
  /** Rejects with `cluster-conflict` when it was changed since it was read. */
  patch(
    service: VirtualService,
    change: VirtualServiceChange,
    signal: AbortSignal,
    whyNot?: Ask["whyNot"],
  ): Promise<void>;
  /** Deletes exactly what was read; rejects with `cluster-conflict` when it was changed since. */
  remove(service: VirtualService, signal: AbortSignal): Promise<void>;
  /** `networking.istio.io/v1`, known after a list. */
  apiVersion(): string;
}

export function virtualServiceApi(client: KubernetesClient): VirtualServiceApi {
  let served: string | null = null;
  const at = (namespace: string | null, version = served ?? VERSIONS[0]) =>
    collectionIn(`/apis/${GROUP}/${version}`, PLURAL, namespace);
  const pathOf = ({ metadata }: VirtualService) => named(at(metadata.namespace ?? ""), metadata.name ?? "");

  async function listIn(
    version: string,
    namespace: string | null,
    labelSelector: string | undefined,
    signal: AbortSignal,
  ) {
    const query = labelSelector === undefined ? {} : { query: { labelSelector } };
    try {
      const answer = await client.request({ method: "GET", path: at(namespace, version), ...query }, signal);
      served = version;
      return itemsOf(answer, client.server);
    } catch (cause) {
      if (hasCode(cause, "cluster-gone")) return null;
      throw cause;
    }
  }

  return {
    apiVersion: () => `${GROUP}/${served ?? VERSIONS[0]}`,
    async list(namespace, signal, labelSelector) {
      for (const version of served === null ? VERSIONS : [served]) {
        const found = await listIn(version, namespace, labelSelector, signal);
        if (found !== null) return found;
      }
      return null;
    },
    async create(service, signal, whyNot) {
      const path = at(service.metadata.namespace ?? "");
      await client.request({ method: "POST", path, body: service, whyNot }, signal);
    },
    async get(namespace, name, signal) {
      try {
        return await client.request<VirtualService>({ method: "GET", path: named(at(namespace), name) }, signal);
      } catch (cause) {
        if (hasCode(cause, "cluster-gone")) return null;
        throw cause;
      }
    },
    async patch(service, { labels, annotations, http }, signal, whyNot) {
      const { resourceVersion } = service.metadata;
      const body = { metadata: { resourceVersion, labels, annotations }, spec: { http } };
      await client.request({ method: "PATCH", path: pathOf(service), body, whyNot }, signal);
    },
    async remove(service, signal) {
      const { uid, resourceVersion } = service.metadata;
      const body = { preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
      await client.request({ method: "DELETE", path: pathOf(service), body }, signal);
    },
  };
}

function itemsOf(answer: unknown, server: string): VirtualService[] {
  if (isRecord(answer) && Array.isArray(answer.items)) return answer.items as VirtualService[];
  throw new AftershockError("cluster-unavailable", `${server} answered a list of VirtualServices with something else`);
}
