import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { KubeConfig, type User } from "@kubernetes/client-node";
import { parse } from "yaml";
import { AftershockError, describeError } from "../../../core/model/error.ts";
import { proxyFromEnvironment } from "./env-proxy.ts";
import { isRecord } from "./status.ts";

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
 * Finds the credentials: the named file, then `$KUBECONFIG`, then the pod's own service account,
 * then `~/.kube/config`. A pod's service account goes before a home folder that happens to be
 * mounted, and there is no guess at localhost:8080.
 * @throws AftershockError `usage` when there are none, or when the context does not exist
 */
export function loadKubeconfig(options: KubeconfigOptions): KubeConfig {
  const config = new KubeConfig();
  let ownPod = false;
  try {
    ownPod = load(config, options) === "pod";
  } catch (cause) {
    if (cause instanceof AftershockError) throw cause;
    // further lines of a YAML error show what stands around it, which may be a token
    const [why = ""] = describeError(cause).split("\n");
    throw new AftershockError("usage", `cannot read the kubeconfig: ${why}`, {
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
  if (/^\w+:\/\/[^/]*@/.test(cluster.server)) {
    throw new AftershockError(
      "usage",
      `the address of cluster "${cluster.name}" in the kubeconfig carries a password`,
      {
        hint: "write username and password at the kubeconfig's user: the address stands in messages",
      },
    );
  }
  // the API server of a pod's own cluster is always there directly
  const proxyUrl = cluster.proxyUrl ?? (ownPod ? null : proxyFromEnvironment(cluster.server, process.env));
  const reached = {
    ...cluster,
    ...(proxyUrl === null ? {} : { proxyUrl }),
    // client-node refuses plain HTTP unless it is told not to verify TLS; the kubeconfig said
    // http:// itself.
    ...(cluster.server.startsWith("http://") ? { skipTLSVerify: true } : {}),
  };
  config.clusters = config.clusters.map((one) => (one === cluster ? reached : one));
  return config;
}

/** Answers where the credentials are from. */
function load(config: KubeConfig, options: KubeconfigOptions): "pod" | "file" {
  const prefix = options.serviceAccountPrefix ?? "";
  const inPod = process.env.KUBERNETES_SERVICE_HOST !== undefined && existsSync(`${prefix}${TOKEN_FILE}`);
  const home = join(homedir(), ".kube", "config");
  const named = options.kubeconfig || (options.inCluster === true ? "" : process.env.KUBECONFIG);
  if (!named && (inPod || options.inCluster === true)) {
    loadServiceAccount(config, prefix, inPod);
    return "pod";
  }
  if (!named && !existsSync(home)) {
    throw new AftershockError("usage", "no cluster is configured", { hint: `set $KUBECONFIG, or create ${home}` });
  }
  loadFiles(config, named || home);
  return "file";
}

function loadServiceAccount(config: KubeConfig, prefix: string, inPod: boolean): void {
  if (!inPod) {
    throw new AftershockError("usage", "not inside a pod with a service account", {
      hint: "leave out the in-cluster setting, or mount the service account's token",
    });
  }
  config.loadFromCluster(prefix);
}

/**
 * As kubectl has it: the first file to say something counts, and files that are missing are
 * skipped, unless all are.
 */
function loadFiles(config: KubeConfig, paths: string): void {
  const named = paths.split(delimiter).filter((path) => path !== "");
  const found = named.filter((path) => existsSync(path));
  for (const path of found.length > 0 ? found : [named[0] ?? paths]) {
    const more = readFile(path);
    config.clusters = [...config.clusters, ...more.clusters.filter(({ name }) => config.getCluster(name) === null)];
    config.users = [...config.users, ...more.users.filter(({ name }) => config.getUser(name) === null)];
    config.contexts = [
      ...config.contexts,
      ...more.contexts.filter(({ name }) => config.getContextObject(name) === null),
    ];
    if (!config.getCurrentContext()) config.setCurrentContext(more.getCurrentContext());
  }
}

function readFile(path: string): KubeConfig {
  const config = new KubeConfig();
  const text = readFileSync(path, "utf8");
  config.loadFromString(text);
  config.makePathsAbsolute(dirname(path));
  const written: unknown = parse(text);
  const users: unknown[] = isRecord(written) && Array.isArray(written.users) ? written.users : [];
  config.users = config.users.map((user) => {
    const raw = users.filter(isRecord).find(({ name }) => name === user.name)?.user;
    return completed(user, isRecord(raw) ? raw : {}, dirname(path));
  });
  return config;
}

/**
 * What client-node leaves out of a user: a token file, which is read again each minute, what a
 * plugin is told, and that its relative path begins at the kubeconfig.
 */
function completed(user: User, { tokenFile }: Record<string, unknown>, folder: string): User {
  if (typeof tokenFile === "string" && tokenFile !== "") {
    const config = { tokenFile: isAbsolute(tokenFile) ? tokenFile : join(folder, tokenFile) };
    const { token: _superseded, ...rest } = user;
    return { ...rest, authProvider: { name: "tokenFile", config } };
  }
  const { exec } = user;
  if (!isRecord(exec) || typeof exec.command !== "string") return user;
  const beside = exec.command.includes("/") && !isAbsolute(exec.command);
  const env = [...(Array.isArray(exec.env) ? exec.env : []), { name: "KUBERNETES_EXEC_INFO", value: execInfo(exec) }];
  return { ...user, exec: { ...exec, env, command: beside ? join(folder, exec.command) : exec.command } };
}

/**
 * What a plugin is told: the version in which it is to answer, and that nobody is there to ask
 * (k8s.io/client-go/plugin/pkg/client/auth/exec).
 */
const execInfo = ({ apiVersion }: Record<string, unknown>): string =>
  JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false } });
