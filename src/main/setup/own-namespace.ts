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
