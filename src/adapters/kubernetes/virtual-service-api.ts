import { AftershockError, hasCode } from "../../core/model/error.ts";
import type { KubernetesClient } from "./client.ts";
import { mergePatch } from "./merge-patch.ts";
import { isRecord } from "./status.ts";
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

/** Requests for VirtualServices, in the newest version that this cluster serves. Objects keep every field they came with. */
export interface VirtualServiceApi {
  /** Null when the cluster knows no VirtualServices. */
  list(namespace: string, signal: AbortSignal, labelSelector?: string): Promise<VirtualService[] | null>;
  create(service: VirtualService, signal: AbortSignal): Promise<void>;
  /** The object now, null when it is gone. */
  get(namespace: string, name: string, signal: AbortSignal): Promise<VirtualService | null>;
  /** Rejects with `cluster-conflict` when it was changed since it was read. */
  patch(service: VirtualService, change: VirtualServiceChange, signal: AbortSignal): Promise<void>;
  /** Deletes exactly what was read; rejects with `cluster-conflict` when it was changed since. */
  remove(service: VirtualService, signal: AbortSignal): Promise<void>;
  /** `networking.istio.io/v1`, known after a list. */
  apiVersion(): string;
}

export function virtualServiceApi(client: KubernetesClient): VirtualServiceApi {
  let served: string | null = null;
  const { custom } = client;
  const at = (namespace: string, version = served ?? VERSIONS[0]) => ({
    group: GROUP,
    version,
    namespace,
    plural: PLURAL,
  });
  const named = ({ metadata }: VirtualService) => ({ ...at(metadata.namespace ?? ""), name: metadata.name ?? "" });

  async function listIn(version: string, namespace: string, labelSelector: string | undefined, signal: AbortSignal) {
    const params = { ...at(namespace, version), ...(labelSelector === undefined ? {} : { labelSelector }) };
    try {
      const answer: unknown = await client.call(signal, (options) =>
        custom.listNamespacedCustomObject(params, options),
      );
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
    async create(service, signal) {
      const params = { ...at(service.metadata.namespace ?? ""), body: service };
      await client.call(signal, (options) => custom.createNamespacedCustomObject(params, options));
    },
    async get(namespace, name, signal) {
      try {
        const params = { ...at(namespace), name };
        const found: unknown = await client.call(signal, (options) =>
          custom.getNamespacedCustomObject(params, options),
        );
        return isRecord(found) ? (found as unknown as VirtualService) : null;
      } catch (cause) {
        if (hasCode(cause, "cluster-gone")) return null;
        throw cause;
      }
    },
    async patch(service, { labels, annotations, http }, signal) {
      const { resourceVersion } = service.metadata;
      const params = {
        ...named(service),
        body: { metadata: { resourceVersion, labels, annotations }, spec: { http } },
      };
      await client.call(signal, (options) => custom.patchNamespacedCustomObject(params, mergePatch(options)));
    },
    async remove(service, signal) {
      const { uid, resourceVersion } = service.metadata;
      const body = { preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
      await client.call(signal, (options) => custom.deleteNamespacedCustomObject({ ...named(service), body }, options));
    },
  };
}

function itemsOf(answer: unknown, server: string): VirtualService[] {
  if (isRecord(answer) && Array.isArray(answer.items)) return answer.items as VirtualService[];
  throw new AftershockError("cluster-unavailable", `${server} answered a list of VirtualServices with something else`);
}
