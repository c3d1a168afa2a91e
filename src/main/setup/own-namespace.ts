import { readFile } from "node:fs/promises";
import type { Config } from "../../config/load/config.ts";

/** Where the manifests install Aftershock. */
const INSTALLED_IN = "aftershock";

/**
 * The namespace of Aftershock itself, in which its lease lies: the configured one, else the pod's,
 * else where the manifests put it. Never that of a person's kubeconfig context: a halt would be
 * written on a lease that no worker looks at.
 */
export const ownNamespace = (config: Pick<Config, "kubernetes">, podNamespace: string | null): string =>
  config.kubernetes.namespace ?? podNamespace ?? INSTALLED_IN;

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const POD_NAMESPACE_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/**
 * The namespace of the pod that this runs in; null outside a pod. For commands that open no client
 * of a cluster.
 */
export async function podNamespace(
  env: Readonly<Record<string, string | undefined>>,
  file = POD_NAMESPACE_FILE,
): Promise<string | null> {
  if (env.KUBERNETES_SERVICE_HOST === undefined) return null;
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim() === "" ? null : text.trim();
}
