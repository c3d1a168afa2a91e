import { type EventsV1Event, V1MicroTime, type V1ObjectReference } from "@kubernetes/client-node";
import type { WorkloadRef } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { InjectionOrder } from "../../ports/faults.ts";
import type { Log } from "../../ports/log.ts";
import type { KubernetesClient } from "./client.ts";

/** Limits of events.k8s.io/v1: k8s.io/kubernetes/pkg/apis/core/validation/events.go */
const NOTE_MAX_CHARS = 1024;
const INSTANCE_MAX_CHARS = 128;

/** Leaves a trace where people look with `kubectl events`. */
export interface EventRecorder {
  /** One event on the workload that was hit. Never rejects: an event that is not written is logged, and no experiment fails for it. */
  injected(order: InjectionOrder, atMs: number, signal: AbortSignal): Promise<void>;
}

export function eventRecorder(client: KubernetesClient, identity: string, log: Log): EventRecorder {
  return {
    async injected(order, atMs, signal) {
      const body = injectionEvent(order, atMs, identity);
      const namespace = order.target.workload.namespace;
      try {
        await client.call(signal, (options) => client.events.createNamespacedEvent({ namespace, body }, options));
      } catch (cause) {
        log.warn("event not written", { experimentId: order.experimentId, namespace, why: describeError(cause) });
      }
    },
  };
}

/** Named after the experiment: a second attempt meets the first one's event instead of adding another. */
function injectionEvent(
  { experimentId, fault, target }: InjectionOrder,
  atMs: number,
  identity: string,
): EventsV1Event {
  const { namespace } = target.workload;
  const [pod] = target.pods;
  const hit = pod === undefined ? "" : ` on pod ${pod.name}`;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { namespace, name: `aftershock-${experimentId.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-")}` },
    eventTime: new V1MicroTime(atMs),
    reportingController: "aftershock.dev/aftershock",
    reportingInstance: identity.slice(0, INSTANCE_MAX_CHARS),
    action: "InjectFault",
    reason: "FaultInjected",
    type: "Normal",
    note: `Aftershock injected ${fault.kind}${hit} (experiment ${experimentId})`.slice(0, NOTE_MAX_CHARS),
    regarding: regarding(target.workload),
    ...(pod === undefined
      ? {}
      : { related: { apiVersion: "v1", kind: "Pod", namespace, name: pod.name, uid: pod.uid } }),
  };
}

function regarding({ kind, namespace, name }: WorkloadRef): V1ObjectReference {
  const apiVersion = kind === "Pod" ? "v1" : kind === "Job" || kind === "CronJob" ? "batch/v1" : "apps/v1";
  return { apiVersion, kind, namespace, name };
}
