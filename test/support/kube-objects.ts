/** What the API server does with objects, for servers of tests that stand in for it. */

export type Json = Record<string, unknown>;
export interface Stored extends Json {
  metadata: Json & {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
}

/** Selectors of a list: labels by equality, existence and set, and `metadata.name`. */
export function isListed({ metadata }: Stored, query: URLSearchParams): boolean {
  const name = /^metadata\.name=(.+)$/.exec(query.get("fieldSelector") ?? "")?.[1];
  if (name !== undefined && metadata.name !== name) return false;
  const parts = (query.get("labelSelector") ?? "").split(/,(?![^(]*\))/).filter((part) => part !== "");
  return parts.every((part) => {
    const [, key = "", set] = /^(\S+) in \((.*)\)$/.exec(part) ?? [];
    if (set !== undefined) return set.split(",").includes(metadata.labels?.[key] ?? "");
    const [label = "", value] = part.split("=");
    return value === undefined ? metadata.labels?.[label] !== undefined : metadata.labels?.[label] === value;
  });
}

/** Whether a write names a uid or version that is not the object's any more. */
export function conflicts(now: Stored, body: Json): boolean {
  const options = (body.deleteOptions ?? body) as Json;
  const wanted = { ...(body.metadata as Json), ...(options.preconditions as Json) };
  return ["uid", "resourceVersion"].some((key) => wanted[key] !== undefined && wanted[key] !== now.metadata[key]);
}

/** A merge patch: RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Json = typeof target === "object" && target !== null ? { ...(target as Json) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
