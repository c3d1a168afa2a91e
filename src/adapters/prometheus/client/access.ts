import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { redactor } from "./errors.ts";
import type { Access, PrometheusOptions } from "./options.ts";

/** What the next request carries, and the connections that it uses. */
export interface Granted {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/**
 * Address, token, tenant and certificates of one server, as they are now: tokens change while a
 * worker runs.
 */
export function accessTo(options: PrometheusOptions): {
  granted(): Promise<Granted>;
  /** Removes every secret that was ever sent. */
  redact(text: string): string;
} {
  const url = new URL(options.url);
  const secrets = new Set([url.password, decoded(url.password), url.search.slice(1)]);
  let connections: { readonly ca: string | undefined; readonly dispatcher: Dispatcher } | null = null;
  const note = ({ headers = {}, bearerToken = "" }: Access): void => {
    for (const secret of [...Object.values(headers), bearerToken]) secrets.add(secret);
  };
  note(options);
  return {
    redact: (text) => redactor([...secrets])(text),
    async granted() {
      const access: Access = { ...options, ...(await options.reread?.()) };
      note(access);
      if (connections === null || connections.ca !== access.ca) {
        // Requests under way end on the old connections.
        void connections?.dispatcher.close().catch(() => undefined);
        connections = { ca: access.ca, dispatcher: dispatcherFor(options, access.ca) };
      }
      return { headers: headersOf(access, options.tenant, url), dispatcher: connections.dispatcher };
    },
  };
}

/** Without HTTP/2, of which a session that ends may take the whole process down (undici 8.12). */
function dispatcherFor({ timeoutMs, proxy }: PrometheusOptions, ca: string | undefined): Dispatcher {
  const tls = ca === undefined ? {} : { ca };
  const limits = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, allowH2: false };
  return proxy == null
    ? new Agent({ ...limits, connect: tls })
    : new ProxyAgent({ ...limits, uri: proxy, requestTls: tls, proxyTls: tls });
}

/** Token and tenant as headers; a user in the address becomes basic authentication. */
function headersOf(access: Access, tenant: string | undefined, url: URL): Record<string, string> {
  const headers: Record<string, string> = { ...access.headers };
  if (access.bearerToken) headers.Authorization = `Bearer ${access.bearerToken}`;
  else if (url.username !== "") {
    const user = `${decoded(url.username)}:${decoded(url.password)}`;
    headers.Authorization = `Basic ${Buffer.from(user).toString("base64")}`;
  }
  if (tenant) headers["X-Scope-OrgID"] = tenant;
  return headers;
}

/** A percent sign that encodes nothing is meant as one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
