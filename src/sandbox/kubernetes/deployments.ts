import type { Cluster } from "../cluster/cluster.ts";
import { isObject, type Json, objectAt, parseBody, stringAt } from "./body.ts";
import { getObject, single } from "./lists.ts";
import type { Target } from "./resources.ts";
import { modified, notFound, StatusError } from "./status.ts";

/** Where a patch may lead; `kubectl rollout restart` sets an annotation there. */
const ALLOWED = ["spec", "template", "metadata", "annotations"];

/**
 * PATCH of a Deployment: annotations of its pod template, which rolls it out anew. Anything else is
 * refused. @throws StatusError
 */
export function patchDeployment(cluster: Cluster, target: Target, text: string): object {
  const { resource, namespace, name } = target;
  const subject = { group: resource.group, resource: resource.resource, name: name ?? "" };
  const workload = cluster.workload("Deployment", namespace ?? "", name ?? "");
  if (workload === undefined) throw notFound(subject);
  const patch = parseBody(text, "Deployment");
  const version = stringAt(objectAt(patch, "metadata"), "resourceVersion");
  if (version !== undefined && version !== getObject(cluster.store, target).metadata.resourceVersion)
    throw modified(subject);
  demandOnly(patch);
  const annotations = Object.entries(objectAt(patch, ...ALLOWED)).map(([key, value]) => [
    key,
    value === null ? null : String(value),
  ]);
  cluster.annotateTemplate(workload, Object.fromEntries(annotations) as Record<string, string | null>);
  return single(resource, getObject(cluster.store, target));
}

/** Refuses what the sandbox would not do. */
function demandOnly(patch: Json): void {
  let at: unknown = patch;
  for (const [depth, key] of ALLOWED.entries()) {
    const others = isObject(at)
      ? Object.keys(at).filter((name) => name !== key && !(depth === 0 && ENVELOPE.includes(name)))
      : [];
    if (others.length > 0) {
      const where = [...ALLOWED.slice(0, depth), others[0]].join(".");
      throw new StatusError(
        422,
        "Invalid",
        `the sandbox patches only ${ALLOWED.join(".")} of a Deployment, not ${where}`,
      );
    }
    at = isObject(at) ? at[key] : undefined;
  }
}

const ENVELOPE = ["apiVersion", "kind", "metadata"];
