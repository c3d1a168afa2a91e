const STORAGE_SCHEMES = ["embedded:", "redis:", "rediss:", "redis+sentinel:", "postgres:", "postgresql:"];

const PASSWORD =
  "a password must not stand in this file; write url: { env: NAME_OF_A_VARIABLE } or { file: PATH } with the whole address";

/**
 * Why a storage address must not stand in the file as it is, or null. The address itself is not
 * repeated: it may hold a password.
 */
export function whyNotStorageUrl(text: string): string | null {
  const scheme = /^[a-z+]+:/.exec(text)?.[0] ?? "";
  if (/^rediss?\+sentinel:$/.test(scheme)) return whyNotSentinelUrl(text);
  if (!STORAGE_SCHEMES.includes(scheme)) return `expected an address that begins with ${STORAGE_SCHEMES.join(", ")}`;
  if (scheme === "embedded:") {
    return text.length > scheme.length ? null : "expected a folder after embedded:, as embedded:./data";
  }
  const url = URL.parse(text);
  if (url === null) return `expected a complete address, as ${scheme}//host:port`;
  return url.password !== "" || /pass|token/i.test(url.search) ? PASSWORD : null;
}

/** Several hosts make it no URL in the usual sense. */
function whyNotSentinelUrl(text: string): string | null {
  if (!/^rediss?\+sentinel:\/\/[^/?#]+\/[^/?#]+(\/\d+)?$/.test(text)) {
    return "expected the Sentinels and the name of the primary, as redis+sentinel://host:26379,host:26379/NAME";
  }
  return /:\/\/[^/]*@/.test(text) ? PASSWORD : null;
}

/** Why this header must not stand in the file as it is, or null. */
export function whyNotHeader(name: string, value: unknown): string | null {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `"${name}" is not the name of a header`;
  const secret = /auth|cookie|token|key|secret|pass/i.test(name);
  return typeof value === "string" && secret
    ? "a secret must not stand in this file; write { env: NAME_OF_A_VARIABLE } or { file: PATH }"
    : null;
}
