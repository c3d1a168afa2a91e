import type { KubeObject, ObjectStore } from "../cluster/object-store.ts";
import { apiVersion, type Resource, type Target } from "./resources.ts";
import { fieldTest, labelTest } from "./selectors.ts";
import { badRequest, notFound, StatusError } from "./status.ts";

/** An object as it stands alone: with kind and version, which lists leave out. */
export const single = (resource: Resource, object: KubeObject): object => ({
  kind: resource.kind,
  apiVersion: apiVersion(resource),
  ...object,
});

export function getObject(store: ObjectStore, { resource, namespace, name }: Target): KubeObject {
  const object = store.get(resource.resource, namespace, name!);
  if (object === undefined) throw notFound({ group: resource.group, resource: resource.resource, name: name! });
  return object;
}

/** Tests an object against the selectors of a list or watch. @throws StatusError 400 */
export function selectorTest(params: URLSearchParams): (object: KubeObject) => boolean {
  const label = labelTest(params.get("labelSelector"));
  const field = fieldTest(params.get("fieldSelector"));
  return (object) => label(object) && field(object);
}

/** A list, in pages when `limit` says so. @throws StatusError */
export function listObjects(store: ObjectStore, { resource, namespace }: Target, params: URLSearchParams): object {
  demandKnownVersion(store, params.get("resourceVersion"));
  const all = store.list(resource.resource, namespace).filter(selectorTest(params));
  const start = startOf(params.get("continue"));
  const limit = limitOf(params.get("limit"));
  const items = all.slice(start, limit === 0 ? undefined : start + limit);
  const left = all.length - start - items.length;
  const more = left > 0 ? { continue: tokenFor(start + items.length), remainingItemCount: left } : {};
  return {
    kind: `${resource.kind}List`,
    apiVersion: apiVersion(resource),
    metadata: { resourceVersion: String(store.version), ...more },
    items,
  };
}

function demandKnownVersion(store: ObjectStore, version: string | null): void {
  if (version === null || Number(version) <= store.version) return;
  const message = `Timeout: Too large resource version: ${version}, current: ${store.version}`;
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  throw new StatusError(504, "Timeout", message, { causes });
}

function limitOf(limit: string | null): number {
  if (limit === null || limit === "") return 0;
  if (!/^\d+$/.test(limit)) throw badRequest(`strconv.ParseInt: parsing "${limit}": invalid syntax`);
  return Number(limit);
}

const tokenFor = (start: number): string => Buffer.from(JSON.stringify({ start })).toString("base64url");

function startOf(token: string | null): number {
  if (token === null || token === "") return 0;
  const start = /^\{"start":(\d+)\}$/.exec(Buffer.from(token, "base64url").toString())?.[1];
  if (start === undefined) throw badRequest("continue key is not valid: illegal base64 or JSON");
  return Number(start);
}
