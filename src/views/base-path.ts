type Answering = (request: Request) => Response | Promise<Response>;

/** Links and forms of a page that lead to our own root. */
const OWN_LINK = /( (?:href|action)=")\/(?!\/)/g;

/**
 * The dashboard under a path (`/aftershock` of https://example.com/aftershock), for an Ingress that
 * shares its name. Requests are understood with and without that path: some proxies leave it away.
 * @param base without a slash at its end; empty: nothing is changed
 */
export function underBase(answer: Answering, base: string): Answering {
  if (base === "") return answer;
  return async (request) => {
    const url = new URL(request.url);
    const isBelow = url.pathname === base || url.pathname.startsWith(`${base}/`);
    if (isBelow) url.pathname = url.pathname.slice(base.length) || "/";
    const given = await answer(isBelow ? new Request(url, request) : request);
    if (!given.headers.get("content-type")?.startsWith("text/html")) return given;
    const html = (await given.text()).replaceAll(OWN_LINK, `$1${base}/`);
    const { status, headers } = given;
    return new Response(html, { status, headers });
  };
}

/** `/aftershock` of an address of the dashboard; empty without a path, or without an address. */
export const basePathOf = (url: string | null): string =>
  url === null ? "" : new URL(url).pathname.replace(/\/+$/, "");
