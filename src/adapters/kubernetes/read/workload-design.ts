import type { V1Container, V1LifecycleHandler, V1PodSpec } from "@kubernetes/client-node";
import type { WorkloadDesign } from "../../../core/model/workload-design.ts";

/** What the API server fills in when a template does not say, seconds. */
const DEFAULT_GRACE_SECONDS = 30;
/** The mesh's own container, which a foreign owner's pods show beside the author's. */
const SIDECARS = ["istio-proxy", "istio-validation"];

/** Reads resource requests and how pods end from a pod template; null without a template. */
export function designOf(spec: V1PodSpec | undefined): WorkloadDesign | null {
  if (spec === undefined) return null;
  const containers = (spec.containers ?? []).filter(({ name }) => !SIDECARS.includes(name));
  const stops = containers.flatMap((one) => preStopSeconds(one.lifecycle?.preStop) ?? []);
  return {
    withoutRequests: containers.filter((one) => !asksForBoth(one)).map(({ name }) => name),
    graceSeconds: spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
    preStop: containers.some(({ lifecycle }) => lifecycle?.preStop !== undefined),
    preStopSeconds: stops.length === 0 ? null : Math.max(...stops),
  };
}

/** A limit without a request is a request of the same size. */
function asksForBoth({ resources }: V1Container): boolean {
  const asked = { ...resources?.limits, ...resources?.requests };
  return asked.cpu !== undefined && asked.memory !== undefined;
}

/** How long a preStop that only waits takes; null when it does something else. */
function preStopSeconds(handler: V1LifecycleHandler | undefined): number | null {
  if (handler?.sleep !== undefined) return handler.sleep.seconds;
  const seconds = /(?:^|[\s;&/])sleep\s+(\d{1,5})s?\b/.exec((handler?.exec?.command ?? []).join(" "))?.[1];
  return seconds === undefined ? null : Number(seconds);
}
