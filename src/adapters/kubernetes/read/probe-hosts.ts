import type { V1Probe } from "@kubernetes/client-node";

/** Hosts that mean the pod itself. */
const ITSELF = /^(?:localhost|127\.|0\.0\.0\.0|::1|\[::1\])/;
const MAX_HOSTS = 8;

/**
 * Names of hosts that a probe asks: of its HTTP request, and of URLs and `-h`, `--host` in its
 * command. The rest of a command is not kept: it may hold a password.
 */
export function hostsAsked({ httpGet, tcpSocket, exec }: V1Probe): readonly string[] {
  const command = (exec?.command ?? []).join(" ");
  const urls = [...command.matchAll(/\b[a-z][a-z0-9+]*:\/\/(?:[^\s/@]*@)?([a-z0-9.-]+)/gi)].map((found) => found[1]);
  const options = [...command.matchAll(/(?:^|\s)(?:-h|--host(?:name)?)[=\s]+([a-z0-9.-]+)/gi)].map((found) => found[1]);
  const hosts = [httpGet?.host, tcpSocket?.host, ...urls, ...options].flatMap((host) => host ?? []);
  return [...new Set(hosts)].filter((host) => host !== "" && !ITSELF.test(host)).slice(0, MAX_HOSTS);
}
