import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { KubernetesClient } from "../../../../src/adapters/kubernetes/client/client.ts";
import { describeRequest } from "../../../../src/adapters/kubernetes/client/request.ts";
import { kubernetesInjector } from "../../../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesReader } from "../../../../src/adapters/kubernetes/read/reader.ts";
import type { Pod } from "../../../../src/core/model/cluster.ts";
import type { Fault } from "../../../../src/core/model/fault.ts";
import type { ClusterReader } from "../../../../src/ports/cluster.ts";
import type { FaultInjector, InjectionOrder } from "../../../../src/ports/faults.ts";
import { clock, NAMESPACE, quiet, readyRepeaters } from "../support/lab.ts";
import type { Exchange, RecordingProxy } from "../support/recording-proxy.ts";
import { trimmed } from "../support/trim.ts";

const OUT = new URL("../../../../fixtures/kubernetes/", import.meta.url);

/** The adapter behind a recording proxy, and where its exchanges are kept. */
export interface Recorder {
  readonly proxy: RecordingProxy;
  /** The adapter's client, through the proxy. */
  readonly client: KubernetesClient;
  /** Sets the scene; not recorded. */
  readonly admin: KubernetesClient;
  readonly reader: ClusterReader;
  readonly injector: FaultInjector;
  readonly signal: AbortSignal;
  /** The newest exchange with this method, part of the URL and status. */
  of(method: string, part: string, status: number): Exchange | undefined;
  save(name: string, exchange: Exchange | undefined): void;
  repeaters(): Promise<readonly [Pod, Pod]>;
}

export function recorder(proxy: RecordingProxy, client: KubernetesClient, admin: KubernetesClient): Recorder {
  mkdirSync(OUT, { recursive: true });
  return {
    ...{ proxy, client, admin, signal: AbortSignal.timeout(300_000) },
    reader: kubernetesReader(client, clock),
    injector: kubernetesInjector(client, clock, quiet, { namespaces: async () => [NAMESPACE] }),
    of: (method, part, status) =>
      proxy.exchanges.findLast((one) => one.method === method && one.url.includes(part) && one.status === status),
    save(name, exchange) {
      if (exchange === undefined) throw new Error(`nothing recorded for ${name}`);
      const { contentType, requestBody, responseBody, ...rest } = exchange;
      const request = requestBody === "" ? {} : { contentType, request: trimmed(requestBody) };
      write(`${name}.json`, `${JSON.stringify({ ...rest, ...request, response: trimmed(responseBody) }, null, 2)}\n`);
    },
    repeaters: () => readyRepeaters(admin),
  };
}

export const write = (name: string, text: string): void => writeFileSync(new URL(name, OUT), text);

export const pause = (ms: number): Promise<void> => wait(ms);

export function orderOf(fault: Fault, pod: Pod, zone: string | null = null): InjectionOrder {
  return {
    experimentId: `record-${fault.kind}`,
    fault,
    target: { workload: pod.workload, services: [`${NAMESPACE}/repeater`], pods: [pod], node: pod.node, zone },
    expiresMs: Date.now() + 600_000,
  };
}

/** Every kind of request that went through the proxy, once. */
export function callsOf(exchanges: readonly Exchange[]): string[] {
  const calls = exchanges.map(({ method, url, contentType }) => {
    const type = contentType !== null && method !== "GET" ? `  ${contentType}` : "";
    return `${method} ${describeRequest(method, `http://server${url}`).template}${type}`;
  });
  return [...new Set(calls)].sort();
}
