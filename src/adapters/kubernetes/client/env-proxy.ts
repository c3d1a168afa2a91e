import { BlockList, isIP } from "node:net";

/**
 * The proxy that the environment names for `server`, or null, by the rules of Go's programs and
 * hence of kubectl: HTTPS_PROXY (or HTTP_PROXY, by the server's scheme) except for the machine
 * itself and what NO_PROXY exempts: `*`, addresses, networks (10.0.0.0/8), and names with all that
 * end in them, each with or without a port (golang.org/x/net/http/httpproxy).
 */
export function proxyFromEnvironment(server: string, env: Readonly<Record<string, string | undefined>>): string | null {
  if (!URL.canParse(server)) return null;
  const { protocol, hostname, port } = new URL(server);
  const secure = protocol === "https:";
  const proxy = secure ? env.HTTPS_PROXY || env.https_proxy : env.HTTP_PROXY || env.http_proxy;
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const exempt = (env.NO_PROXY || env.no_proxy || "").split(",").map((one) => one.trim().toLowerCase());
  if (!proxy || isThisMachine(host)) return null;
  if (exempt.some((one) => one !== "" && exempts(one, host, port || (secure ? "443" : "80")))) return null;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

const isThisMachine = (host: string): boolean =>
  host === "localhost" || inNetwork("127.0.0.0/8", host) || inNetwork("::1/128", host);

function exempts(rule: string, host: string, port: string): boolean {
  if (rule === "*") return true;
  if (rule.includes("/")) return inNetwork(rule, host);
  const [name, only] = isIP(rule) === 0 ? splitPort(rule) : [rule, null];
  if (only !== null && only !== port) return false;
  if (isIP(name) !== 0) return inNetwork(`${name}/${isIP(name) === 4 ? 32 : 128}`, host);
  if (isIP(host) !== 0) return false;
  const end = name.replace(/^\*(?=\.)/, "");
  return end.startsWith(".") ? host.endsWith(end) : host === end || host.endsWith(`.${end}`);
}

function splitPort(rule: string): [string, string | null] {
  const found = /^\[?(.*?)\]?:(\d+)$/.exec(rule);
  return found?.[1] === undefined ? [rule.replace(/^\[|\]$/g, ""), null] : [found[1], found[2] ?? null];
}

/** False also for a rule that is no network. */
function inNetwork(network: string, host: string): boolean {
  const [address = "", bits = ""] = network.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  const length = /^\d+$/.test(bits) ? Number(bits) : -1;
  if (isIP(address) === 0 || isIP(address) !== isIP(host) || length < 0 || length > (family === "ipv4" ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(address, length, family);
  return list.check(host, family);
}
