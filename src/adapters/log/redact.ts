import { AftershockError } from "../../core/model/error.ts";

/** What stands where a secret was. */
const MASK = "[redacted]";

/** Deeper than this nobody reads, and cycles end. */
const MAX_DEPTH = 8;

/** Fields whose text is a secret by name. Numbers are not: a fencing token is one. */
const SECRET_FIELD = /token|secret|passw|passphrase|authoriz|webhook|api[-_]?key|cookie|credential|private[-_]?key/i;

/** What secrets look like inside a text, and what is left of them. */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host keeps the host, which is what one needs to know
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi, `$1${MASK}@`],
  [/(https?:\/\/[^\s/"']+\/(?:services|workflows|triggers)\/)[^\s"'<>)]+/gi, `$1${MASK}`],
  [/\b(bearer)\s+[a-z0-9._~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/\b([Bb]asic)\s+(?=\S*[A-Z0-9=])[A-Za-z0-9+/=]{6,}/g, `$1 ${MASK}`],
  [/\bxox[a-z]-[a-z0-9-]+/gi, MASK],
  // a JSON Web Token, which is what a service account's token is
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, MASK],
  [/([?&;\s](?:access_token|token|password|passwd|secret|api[-_]?key|sig|signature)=)[^\s&"']+/gi, `$1${MASK}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
];

/** Makes anything safe to write: a copy without secrets, ready for JSON. */
export type Redactor = (value: unknown) => unknown;

/**
 * @param secrets values that are known to be secret (from the configuration); those of under 4
 * characters are ignored
 */
export function redactor(secrets: readonly string[] = []): Redactor {
  const known = secrets.filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
  const text = (raw: string): string => {
    let clean = raw;
    for (const secret of known) clean = clean.replaceAll(secret, MASK);
    for (const [shape, left] of SECRET_SHAPES) clean = clean.replace(shape, left);
    return clean;
  };
  const walk = (value: unknown, field: string, depth: number): unknown => {
    if (typeof value === "string") return SECRET_FIELD.test(field) && value !== "" ? MASK : text(value);
    if (typeof value === "bigint" || typeof value === "symbol") return String(value);
    if (typeof value === "function") return undefined;
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) return "…";
    if (value instanceof Error) return walk(errorFields(value), field, depth);
    if (value instanceof URL) return text(value.href);
    if (value instanceof Date) return value.toJSON();
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    if (value instanceof Map) return walk(Object.fromEntries(value), field, depth);
    if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => walk(item, field, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name, depth + 1)]));
  };
  return (value) => walk(value, "", 0);
}

/**
 * An error as fields: its name, what it says, what to do, and the cause; the stack only of errors
 * that are not ours.
 */
function errorFields(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  const fields: Record<string, unknown> = { error: error.name, message: error.message };
  if (typeof code === "string" || typeof code === "number") fields.code = code;
  if (error instanceof AftershockError) {
    if (error.hint !== undefined) fields.hint = error.hint;
  } else if (error.stack !== undefined) fields.stack = error.stack;
  if (error.cause !== undefined) fields.cause = error.cause;
  return fields;
}
