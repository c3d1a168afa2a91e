import { badRequest } from "./status.ts";

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A JSON object, `{}` when nothing was sent. @throws StatusError 400 */
export function parseBody(text: string, kind: string): Json {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // told below
  }
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error`,
  );
}

/** A member that is an object; `{}` when it is absent or something else. */
export const objectAt = (value: Json, ...path: readonly string[]): Json => {
  let at: Json = value;
  for (const key of path) {
    const next = at[key];
    at = isObject(next) ? next : {};
  }
  return at;
};

export const stringAt = (value: Json, key: string): string | undefined => {
  const found = value[key];
  return typeof found === "string" ? found : undefined;
};

/** JSON merge patch, RFC 7386. */
export function mergePatch(target: Json, patch: Json): Json {
  const merged: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? mergePatch(objectAt(merged, key), value) : value;
  }
  return merged;
}
