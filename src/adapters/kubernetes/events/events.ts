import type { EventsV1Event, V1ObjectReference } from "@kubernetes/client-node";
import type { WorkloadRef } from "../../../core/model/cluster.ts";
import { describeError, hasCode } from "../../../core/model/error.ts";
import type { PolicyText } from "../../../core/model/team-policy.ts";
import { printable } from "../../../core/text/printable.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";
import type { Log, LogFields } from "../../../ports/log.ts";
import type { KubernetesClient } from "../client/client.ts";
import { collectionPath } from "../client/paths.ts";
import { microTime } from "../client/time.ts";

/** Limits of events.k8s.io/v1: k8s.io/kubernetes/pkg/apis/core/validation/events.go */
const NOTE_MAX_CHARS = 1024;
const INSTANCE_MAX_CHARS = 128;
const CONTROLLER = "aftershock.dev/aftershock";

/** An event as it is written. */
type EventBody = Omit<EventsV1Event, "eventTime"> & { readonly eventTime: string };

/** A policy that is not followed. */
export interface PolicyRefusal {
  readonly text: PolicyText;
  readonly why: string;
  /** Equal for the same text and reason. */
  readonly key: string;
}

/** Leaves a trace where people look with `kubectl events`. */
export interface EventRecorder {
  /**
   * One event on the workload that was hit. Never rejects: an event that is not written is logged,
   * and no experiment fails for it.
   */
  injected(order: InjectionOrder, atMs: number, signal: AbortSignal): Promise<void>;
  /**
   * A warning on the ConfigMap of a policy that is not followed; one with the same key is not made
   * again. Never rejects.
   */
  policyRefused(refused: PolicyRefusal, atMs: number, signal: AbortSignal): Promise<void>;
}

export function eventRecorder(client: KubernetesClient, identity: string, log: Log): EventRecorder {
  async function write(body: EventBody, about: LogFields, signal: AbortSignal): Promise<void> {
    const namespace = body.metadata?.namespace ?? "";
    try {
      await client.request({ method: "POST", path: collectionPath("events", namespace), body }, signal);
    } catch (cause) {
      // another replica, or this one before it was started again, said the same
      if (hasCode(cause, "cluster-conflict") || signal.aborted) return;
      log.warn("event not written", { ...about, namespace, why: describeError(cause) });
    }
  }
  return {
    injected: (order, atMs, signal) =>
      write(injectionEvent(order, atMs, identity), { experimentId: order.experimentId }, signal),
    policyRefused: (refused, atMs, signal) =>
      write(refusalEvent(refused, atMs, identity), { policy: refused.text.name }, signal),
  };
}

/** Named after the text and the reason: the same one is told once, also by several replicas. */
function refusalEvent({ text, why, key }: PolicyRefusal, atMs: number, identity: string): EventBody {
  const { namespace, name, uid } = text;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { namespace, name: `aftershock-policy-${key}` },
    eventTime: microTime(atMs),
    reportingController: CONTROLLER,
    reportingInstance: identity.slice(0, INSTANCE_MAX_CHARS),
    action: "ReadPolicy",
    reason: "PolicyRefused",
    type: "Warning",
    note: cut(`Aftershock does not follow this policy: ${why}`),
    regarding: { apiVersion: "v1", kind: "ConfigMap", namespace, name, uid },
  };
}

function cut(text: string): string {
  const note = printable(text);
  return note.length <= NOTE_MAX_CHARS ? note : `${note.slice(0, NOTE_MAX_CHARS - 1)}…`;
}

/**
 * Named after the experiment: a second attempt meets the first one's event instead of adding
 * another.
 */
function injectionEvent({ experimentId, fault, target }: InjectionOrder, atMs: number, identity: string): EventBody {
  const { namespace } = target.workload;
  const [pod] = target.pods;
  const hit = pod === undefined ? "" : ` on pod ${pod.name}`;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { namespace, name: `aftershock-${experimentId.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-")}` },
    eventTime: microTime(atMs),
    reportingController: CONTROLLER,
    reportingInstance: identity.slice(0, INSTANCE_MAX_CHARS),
    action: "InjectFault",
    reason: "FaultInjected",
    type: "Normal",
    note: cut(`Aftershock injected ${fault.kind}${hit} (experiment ${experimentId})`),
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
