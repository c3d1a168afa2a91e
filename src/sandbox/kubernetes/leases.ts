import type { Cluster } from "../cluster/cluster.ts";
import type { KubeObject } from "../cluster/object-store.ts";
import { type Json, mergePatch, objectAt, parseBody, stringAt } from "./body.ts";
import { single } from "./lists.ts";
import type { Target } from "./resources.ts";
import { alreadyExists, badRequest, invalid, modified, notFound, type Subject } from "./status.ts";

/** An answer with its HTTP status. */
export interface Answer {
  readonly code: 200 | 201;
  readonly body: object;
}

const subjectOf = ({ resource }: Target, name: string): Subject => ({
  group: resource.group,
  resource: resource.resource,
  name,
});

/** Refuses what belongs to a namespace that is not there. */
export function demandNamespace(cluster: Cluster, { namespace }: Target): void {
  if (cluster.store.get("namespaces", undefined, namespace ?? "") === undefined) {
    throw notFound({ group: "", resource: "namespaces", name: namespace ?? "" });
  }
}

/** POST of an object that only clients use. @throws StatusError 404, 409, 422 */
export function createObject(cluster: Cluster, target: Target, body: Json, uid: () => string): Answer {
  demandNamespace(cluster, target);
  const { resource, namespace } = target;
  const name = stringAt(objectAt(body, "metadata"), "name") ?? "";
  const subject = subjectOf(target, name);
  if (name === "")
    throw invalid(resource.kind, subject, "metadata.name", "Required value: name or generateName is required");
  if (cluster.store.get(resource.resource, namespace, name) !== undefined) throw alreadyExists(subject);
  const { kind: _kind, apiVersion: _version, metadata: _metadata, ...rest } = body;
  const object = { metadata: metadataOf(body, name, namespace, uid(), cluster.timestamp), ...rest };
  return { code: 201, body: single(resource, cluster.store.put(resource.resource, object)) };
}

function metadataOf(
  body: Json,
  name: string,
  namespace: string | undefined,
  uid: string,
  createdAt: string,
): KubeObject["metadata"] {
  const given = objectAt(body, "metadata");
  const labels = objectAt(given, "labels") as Readonly<Record<string, string>>;
  const annotations = objectAt(given, "annotations") as Readonly<Record<string, string>>;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    creationTimestamp: createdAt,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

export const createLease = (cluster: Cluster, target: Target, text: string, uid: () => string): Answer =>
  createObject(cluster, target, { spec: {}, ...parseBody(text, "Lease") }, uid);

/**
 * PUT: only over the version that the client read; makes what is not there. @throws StatusError
 * 400, 409, 422
 */
export function updateLease(cluster: Cluster, target: Target, text: string, uid: () => string): Answer {
  const body = parseBody(text, "Lease");
  const metadata = objectAt(body, "metadata");
  const name = stringAt(metadata, "name") ?? "";
  if (name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  }
  const old = cluster.store.get(target.resource.resource, target.namespace, name);
  if (old === undefined) return createLease(cluster, target, text, uid);
  const version = stringAt(metadata, "resourceVersion");
  const subject = subjectOf(target, name);
  if (version === undefined) {
    throw invalid("Lease", subject, "metadata.resourceVersion", "Invalid value: 0x0: must be specified for an update");
  }
  const givenUid = stringAt(metadata, "uid") ?? old.metadata.uid;
  if (version !== old.metadata.resourceVersion || givenUid !== old.metadata.uid) throw modified(subject);
  const updated = metadataOf(body, name, target.namespace, old.metadata.uid, old.metadata.creationTimestamp);
  const stored = cluster.store.put(target.resource.resource, { metadata: updated, spec: body.spec ?? {} });
  return { code: 200, body: single(target.resource, stored) };
}

/**
 * PATCH by JSON merge patch; a `resourceVersion` in it must be the newest. @throws StatusError 404,
 * 409
 */
export function patchLease(cluster: Cluster, target: Target, text: string): Answer {
  const subject = subjectOf(target, target.name ?? "");
  const old = cluster.store.get(target.resource.resource, target.namespace, subject.name ?? "");
  if (old === undefined) throw notFound(subject);
  const patch = parseBody(text, "Lease");
  const version = stringAt(objectAt(patch, "metadata"), "resourceVersion") ?? old.metadata.resourceVersion;
  if (version !== old.metadata.resourceVersion) throw modified(subject);
  const merged = mergePatch(old, patch);
  const { uid, name, creationTimestamp } = old.metadata;
  const object = {
    metadata: metadataOf(merged, name, target.namespace, uid, creationTimestamp),
    spec: merged.spec ?? {},
  };
  return { code: 200, body: single(target.resource, cluster.store.put(target.resource.resource, object)) };
}
