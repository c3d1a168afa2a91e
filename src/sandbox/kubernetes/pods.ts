import type { Cluster } from "../cluster/cluster.ts";
import type { SimPod } from "../cluster/model.ts";
import { type Json, objectAt, parseBody, stringAt } from "./body.ts";
import { single } from "./lists.ts";
import type { Target } from "./resources.ts";
import {
  badRequest,
  budgetExceeded,
  notFound,
  preconditionFailed,
  type Status,
  StatusError,
  success,
} from "./status.ts";

const podOf = (cluster: Cluster, { namespace, name }: Target): SimPod => {
  const pod = cluster.pod(namespace ?? "", name ?? "");
  if (pod === undefined) throw notFound({ group: "", resource: "pods", name: name ?? "" });
  return pod;
};

/**
 * DELETE of a pod. Options come from the body, or from the query when there is no body. @throws
 * StatusError
 */
export function deletePod(cluster: Cluster, target: Target, text: string, params: URLSearchParams): object {
  const pod = podOf(cluster, target);
  const options = text.trim() === "" ? fromQuery(params) : parseBody(text, "DeleteOptions");
  demandPreconditions(cluster, target, pod, options);
  const seconds = graceOf(options, pod);
  const object = isDryRun(options)
    ? cluster.store.get("pods", target.namespace, pod.name)!
    : cluster.deletePod(pod, seconds);
  return single(target.resource, object);
}

const fromQuery = (params: URLSearchParams): Json => {
  const seconds = params.get("gracePeriodSeconds");
  return { ...(seconds === null ? {} : { gracePeriodSeconds: Number(seconds) }), dryRun: params.getAll("dryRun") };
};

const isDryRun = ({ dryRun }: Json): boolean => Array.isArray(dryRun) && dryRun.includes("All");

function graceOf({ gracePeriodSeconds }: Json, pod: SimPod): number {
  if (gracePeriodSeconds === undefined || gracePeriodSeconds === null) return pod.workload.spec.graceSeconds;
  if (typeof gracePeriodSeconds !== "number" || gracePeriodSeconds < 0) {
    const found = typeof gracePeriodSeconds;
    throw new StatusError(
      500,
      null,
      `json: cannot unmarshal ${found} into Go struct field DeleteOptions.gracePeriodSeconds of type int64`,
    );
  }
  return gracePeriodSeconds;
}

function demandPreconditions(cluster: Cluster, target: Target, pod: SimPod, options: Json): void {
  const preconditions = objectAt(options, "preconditions");
  const uid = stringAt(preconditions, "uid");
  if (uid !== undefined && uid !== pod.uid) {
    throw preconditionFailed(pod.name, "UID", uid, pod.uid, "deleted and then recreated");
  }
  const version = stringAt(preconditions, "resourceVersion");
  const found = cluster.store.get("pods", target.namespace, pod.name)?.metadata.resourceVersion ?? "";
  if (version !== undefined && version !== found) {
    throw preconditionFailed(pod.name, "ResourceVersion", version, found, "modified");
  }
}

/** POST of an Eviction: a deletion that a disruption budget can forbid. @throws StatusError */
export function evictPod(cluster: Cluster, target: Target, text: string): Status {
  const body = parseBody(text, "Eviction");
  const name = stringAt(objectAt(body, "metadata"), "name");
  if (name !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  const pod = podOf(cluster, target);
  const options = objectAt(body, "deleteOptions");
  demandPreconditions(cluster, target, pod, options);
  const seconds = graceOf(options, pod);
  if (isDryRun(options)) throw badRequest("the sandbox does not rehearse evictions (dryRun)");
  const budget = cluster.evictPod(pod, seconds);
  if (budget !== null) throw budgetExceeded(pod.workload.spec.name, budget.minAvailable, budget.healthy);
  return success(201);
}
