import type { MiddlewareHandler } from "hono";

/**
 * Names that no stranger can own: of this machine, and inside a cluster (one label, or below
 * `svc`).
 */
const OURS: readonly RegExp[] = [/^[a-z0-9-]+$/, /\.localhost$/, /\.svc$/, /\.svc\./, /\.cluster\.local$/];
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/**
 * Whether a request under this name is for us. A page of somebody else whose name was made to point
 * here (DNS rebinding) could read everything; its browser says that name. Addresses are nobody's
 * name.
 * @param hosts names under which we are reached besides, without port
 */
export function servedHosts(hosts: readonly string[]): (host: string) => boolean {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  return (host) => {
    const name = nameOf(host);
    return name !== null && (known.has(name) || isOurs(name));
  };
}

export const STRANGE_HOST = "this name is not served here: write it into web.hosts, or as web.url\n";

/** Refuses every other name. */
export function refuseStrangeHosts(hosts: readonly string[]): MiddlewareHandler {
  const isServed = servedHosts(hosts);
  return async (context, next) =>
    isServed(context.req.header("host") ?? new URL(context.req.url).host) ? next() : context.text(STRANGE_HOST, 421);
}

/** Without port, in small letters; null when it is none. */
function nameOf(host: string): string | null {
  const url = URL.parse(`http://${host}`);
  const whole = url !== null && url.username === "" && url.pathname === "/" && url.search === "" && url.hash === "";
  return whole ? url.hostname.replace(/\.$/, "") : null;
}

const isOurs = (name: string): boolean =>
  name.startsWith("[") || IPV4.test(name) || OURS.some((pattern) => pattern.test(name));
