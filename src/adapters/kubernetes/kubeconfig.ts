import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { AftershockError, describeError } from "../../core/model/error.ts";

export interface KubeconfigOptions {
  /** Path of a kubeconfig file, or several, as in $KUBECONFIG. */
  readonly kubeconfig?: string;
  /** Context in it; absent: its current one. */
  readonly context?: string;
  /** Use the service account of the pod that we run in. */
  readonly inCluster?: boolean;
  /** In front of `/var/run/secrets/…`, for tests of the in-cluster case. */
  readonly serviceAccountPrefix?: string;
}

const TOKEN_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * Finds the credentials: the named file, then `$KUBECONFIG`, then the pod's own service account, then `~/.kube/config`.
 * A pod's service account goes before a home folder that happens to be mounted, and there is no guess at localhost:8080.
 * @throws AftershockError `usage` when there are none, or when the context does not exist
 */
export function loadKubeconfig(options: KubeconfigOptions): KubeConfig {
  const config = new KubeConfig();
  try {
    load(config, options);
  } catch (cause) {
    if (cause instanceof AftershockError) throw cause;
    throw new AftershockError("usage", `cannot read the kubeconfig: ${describeError(cause)}`, {
      hint: "check the file that $KUBECONFIG names",
    });
  }
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new AftershockError("usage", `the kubeconfig has no cluster for context "${config.getCurrentContext()}"`, {
      hint: `its contexts are: ${config.contexts.map((one) => one.name).join(", ") || "none"}`,
    });
  }
  // client-node refuses plain HTTP unless it is told not to verify TLS; the kubeconfig said http:// itself.
  if (cluster.server.startsWith("http://")) {
    config.clusters = config.clusters.map((one) => (one === cluster ? { ...one, skipTLSVerify: true } : one));
  }
  return config;
}

function load(config: KubeConfig, options: KubeconfigOptions): void {
  const prefix = options.serviceAccountPrefix ?? "";
  const inPod = process.env.KUBERNETES_SERVICE_HOST !== undefined && existsSync(`${prefix}${TOKEN_FILE}`);
  const home = join(homedir(), ".kube", "config");
  if (options.kubeconfig !== undefined) loadFiles(config, options.kubeconfig);
  else if (options.inCluster === true) loadServiceAccount(config, prefix, inPod);
  else if (process.env.KUBECONFIG) config.loadFromDefault();
  else if (inPod) config.loadFromCluster(prefix);
  else if (existsSync(home)) config.loadFromFile(home);
  else {
    throw new AftershockError("usage", "no cluster is configured", {
      hint: `set $KUBECONFIG, or create ${home}`,
    });
  }
}

function loadServiceAccount(config: KubeConfig, prefix: string, inPod: boolean): void {
  if (!inPod) {
    throw new AftershockError("usage", "not inside a pod with a service account", {
      hint: "leave out the in-cluster setting, or mount the service account's token",
    });
  }
  config.loadFromCluster(prefix);
}

/** The first file's current context counts, as kubectl has it. */
function loadFiles(config: KubeConfig, paths: string): void {
  const [first = "", ...others] = paths.split(delimiter).filter((path) => path !== "");
  config.loadFromFile(first);
  for (const path of others) {
    const more = new KubeConfig();
    more.loadFromFile(path);
    config.mergeConfig(more, true);
  }
}
