import { readFileSync } from "node:fs";
import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import type { KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import type { ClusterSnapshot } from "../../../src/core/model/cluster.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import { manualClock, T0 } from "../../integration/kubernetes/support/parts.ts";

/** An object of the API, as kubectl writes it. */
export type Recorded = {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Record<string, unknown>;
} & Record<string, unknown>;

/** What a recorded pod does not say: it was Ready on node-a for an hour. */
const HOUR_AGO = new Date(T0 - 3_600_000).toISOString();
const WELL_POD: Pick<V1Pod, "spec" | "status"> = {
  spec: { containers: [], nodeName: "node-a", restartPolicy: "Always" },
  status: {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: HOUR_AGO as unknown as Date }],
  },
};

/** The objects of one of the files beside, pods filled up. */
export const recorded = (name: string): Recorded[] =>
  parseAllDocuments(readFileSync(new URL(`clusters/${name}.yaml`, import.meta.url), "utf8")).map(
    (one) => one.toJS() as Recorded,
  );

/** A node that is well. */
export const node = (name: string, changes: Partial<V1Node> = {}): Recorded => ({
  kind: "Node",
  ...changes,
  metadata: { name, labels: { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": name.slice(-1) } },
  spec: changes.spec ?? {},
  status: { conditions: [{ type: "Ready", status: "True" }, ...(changes.status?.conditions ?? [])] },
});

export const NODES: readonly Recorded[] = [node("node-a"), node("node-b"), node("node-c")];

const full = (one: Recorded): Recorded => {
  const metadata = { namespace: "shop", uid: `uid-${one.metadata.name}`, creationTimestamp: HOUR_AGO, ...one.metadata };
  if (one.kind !== "Pod") return { ...one, metadata };
  return {
    ...one,
    metadata,
    spec: { ...WELL_POD.spec, ...(one.spec as object) },
    status: { ...WELL_POD.status, ...(one.status as object) },
  };
};

const plural = (kind: string): string => `${kind.toLowerCase()}s`;

/** A request that would change something. */
export interface Change {
  /** `DELETE`, `PATCH`, `POST`, or the part of an object that is asked for: `eviction`. */
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  readonly body?: unknown;
}

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly query?: { readonly fieldSelector?: string; readonly labelSelector?: string };
}

/** As far as we ask: a name, and labels that are equal. */
function isSelected(
  { metadata }: { readonly metadata: object },
  { fieldSelector, labelSelector }: Asked["query"] & {},
) {
  const { name, labels = {} } = metadata as { readonly name?: string; readonly labels?: Record<string, string> };
  const wanted = (labelSelector ?? "").split(",").filter((part) => part.includes("="));
  return (
    (fieldSelector === undefined || fieldSelector === `metadata.name=${name}`) &&
    wanted.every((part) => labels[part.split("=")[0] ?? ""] === part.split("=")[1])
  );
}

/**
 * An API server that has these objects, in namespace shop, and nothing else. `forbidden` lists may
 * not be made.
 */
export function clientOf(
  objects: readonly Recorded[],
  forbidden: readonly string[] = [],
  changed: (what: Change) => void = () => undefined,
): KubernetesClient {
  const all = [...objects.map(full), { kind: "Namespace", metadata: { name: "shop" } }];
  const request = async ({ path, method = "GET", body, query = {} }: Asked): Promise<object> => {
    const [, resource = "", name, part] =
      /\/v[0-9a-z]+\/(?:namespaces\/[^/]+\/)?([a-z]+)(?:\/([^/?]+))?(?:\/([a-z]+))?$/.exec(path) ?? [];
    if (forbidden.includes(resource))
      throw new AftershockError("cluster-forbidden", `not allowed to list ${resource}`, { hint: "grant it" });
    if (method !== "GET") changed({ verb: part ?? method, resource, name: name ?? "", body });
    if (method === "POST") return {};
    const same = all.filter((one) => plural(one.kind) === resource && isSelected(one, query));
    if (name === undefined) return { items: same, metadata: { resourceVersion: "1" } };
    const found = same.find((one) => one.metadata.name === name);
    if (found === undefined) throw new AftershockError("cluster-gone", `${path}: not found`);
    return found;
  };
  return { server: "https://recorded", request } as unknown as KubernetesClient;
}

/** What the reader makes of these objects. */
export const snapshotOf = (objects: readonly Recorded[], forbidden: readonly string[] = []): Promise<ClusterSnapshot> =>
  kubernetesReader(clientOf(objects, forbidden), manualClock()).snapshot(["shop"], AbortSignal.timeout(10_000));
