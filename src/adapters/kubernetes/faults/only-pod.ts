import type { PodRef } from "../../../core/model/cluster.ts";
import { AftershockError } from "../../../core/model/error.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";

/** The one pod of a pod fault. Anything else was planned wrong, and nothing is done. */
export function onlyPod({ fault, target }: InjectionOrder): PodRef {
  const [pod, ...others] = target.pods;
  if (pod === undefined || others.length > 0) {
    throw new AftershockError("usage", `${fault.kind} needs exactly one pod, got ${target.pods.length}`);
  }
  return pod;
}
