import type { EventsV1Event, V1ObjectReference } from "@kubernetes/client-node";
import type { PodRef, WorkloadRef } from "../../../core/model/cluster.ts";
import { describeError, hasCode } from "../../../core/model/error.ts";
import type { ExperimentEvent, ExperimentState } from "../../../core/model/experiment.ts";
import type { PolicyText } from "../../../core/model/team-policy.ts";
import { SECOND_MS } from "../../../core/model/units.ts";
import { printable } from "../../../core/text/printable.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";
import type { Log, LogFields } from "../../../ports/log.ts";
import type { KubernetesClient } from "../client/client.ts";
import { collectionPath } from "../client/paths.ts";
import { microTime } from "../client/time.ts";
import { type Said, saidOf } from "./story.ts";
import { workloadUids } from "./uids.ts";

/** Limits of events.k8s.io/v1: k8s.io/kubernetes/pkg/apis/core/validation/events.go */
const NOTE_MAX_CHARS = 1024;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
const NAME_MAX_CHARS = 253;
const INSTANCE_MAX_CHARS = 128;
/** The API server may take this long, real ms. */
const TIMEOUT_MS = 5 * SECOND_MS;
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
  /** What an event of an experiment says of workloads, written on each of them. Never throws. */
  told(id: string, event: ExperimentEvent, state: ExperimentState, atMs: number): void;
  /** Resolves when everything that was said is written, or given up. */
  settled(): Promise<void>;
}

/**
 * @param known uid of a workload that was read a short time ago, or null: it is asked for then
 */
export function eventRecorder(
  client: KubernetesClient,
  identity: string,
  log: Log,
  known: (workload: WorkloadRef) => string | null = () => null,
): EventRecorder {
  const pending = new Set<Promise<void>>();
  const uidOf = workloadUids(client, known);
  /** With the uid of its object: `kubectl describe` shows no Event of an object without. */
  async function writeOn(workload: WorkloadRef, body: EventBody, about: LogFields, signal: AbortSignal): Promise<void> {
    const uid = await uidOf(workload, signal);
    await write(uid === null ? body : { ...body, regarding: { ...body.regarding, uid } }, about, signal);
  }
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
    async injected(order, atMs, signal) {
      const about = { experimentId: order.experimentId };
      const body = injectionEvent(order, atMs, identity);
      const { target } = order;
      await Promise.all([
        writeOn(target.workload, body, about, signal),
        // of many pods only the workload says it
        ...(target.pods.length === 1 ? target.pods.map((pod) => write(onPod(body, pod), about, signal)) : []),
      ]);
    },
    policyRefused: (refused, atMs, signal) =>
      write(refusalEvent(refused, atMs, identity), { policy: refused.text.name }, signal),
    told(id, event, state, atMs) {
      for (const said of saidOf(id, event, state)) {
        const body = storyEvent(id, said, atMs, identity);
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const writing = writeOn(said.workload, body, { experimentId: id }, signal).finally(() =>
          pending.delete(writing),
        );
        pending.add(writing);
      }
    },
    async settled() {
      await Promise.all(pending);
    },
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
    metadata: { namespace, name: eventName(experimentId) },
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

/** The same on the pod that was hit, for whoever looks at that. */
const onPod = (body: EventBody, { namespace, name, uid }: PodRef): EventBody => ({
  ...body,
  metadata: { ...body.metadata, name: `${body.metadata?.name ?? ""}-pod`.slice(-NAME_MAX_CHARS) },
  regarding: { apiVersion: "v1", kind: "Pod", namespace, name, uid },
});

function storyEvent(id: string, said: Said, atMs: number, identity: string): EventBody {
  const { namespace } = said.workload;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { namespace, name: eventName(`${id}-${said.key}`) },
    eventTime: microTime(atMs),
    reportingController: CONTROLLER,
    reportingInstance: identity.slice(0, INSTANCE_MAX_CHARS),
    action: said.action,
    reason: said.reason,
    type: said.type,
    note: cut(said.note),
    regarding: regarding(said.workload),
  };
}

const eventName = (text: string): string =>
  `aftershock-${text.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-")}`.slice(0, NAME_MAX_CHARS).replace(/[.-]+$/, "");

function regarding({ kind, namespace, name }: WorkloadRef): V1ObjectReference {
  const apiVersion = kind === "Pod" ? "v1" : kind === "Job" || kind === "CronJob" ? "batch/v1" : "apps/v1";
  return { apiVersion, kind, namespace, name };
}
