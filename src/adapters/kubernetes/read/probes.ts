import type { V1Container, V1PodSpec, V1Probe } from "@kubernetes/client-node";
import type { Probe } from "../../../core/model/cluster.ts";
import { hostsAsked } from "./probe-hosts.ts";

/** How often the kubelet asks when the manifest does not say, seconds: the API's default. */
const DEFAULT_PERIOD_SECONDS = 10;

/** The probes that the workload's author wrote, of containers and native sidecars. */
export function probesOf(spec: V1PodSpec | undefined): Probe[] {
  const sidecars = (spec?.initContainers ?? []).filter((one) => one.restartPolicy === "Always");
  return [...(spec?.containers ?? []), ...sidecars].flatMap(ofContainer);
}

function ofContainer(container: V1Container): Probe[] {
  const found: [Probe["kind"], V1Probe | undefined][] = [
    ["readiness", container.readinessProbe],
    ["liveness", container.livenessProbe],
    ["startup", container.startupProbe],
  ];
  return found.flatMap(([kind, probe]) => {
    const handler = probe === undefined ? null : handlerOf(probe);
    if (probe === undefined || handler === null) return [];
    return [
      {
        container: container.name,
        kind,
        handler,
        path: probe.httpGet?.path ?? null,
        periodSeconds: probe.periodSeconds ?? DEFAULT_PERIOD_SECONDS,
        ...asksOf(probe),
      },
    ];
  });
}

function asksOf(probe: V1Probe): Pick<Probe, "asks"> {
  const asks = hostsAsked(probe);
  return asks.length === 0 ? {} : { asks };
}

function handlerOf(probe: V1Probe): Probe["handler"] | null {
  if (probe.httpGet !== undefined) return "httpGet";
  if (probe.tcpSocket !== undefined) return "tcpSocket";
  if (probe.exec !== undefined) return "exec";
  return probe.grpc === undefined ? null : "grpc";
}
