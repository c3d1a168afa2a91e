import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AftershockError } from "../../core/model/error.ts";

export interface SandboxOptions {
  readonly speed: number;
  readonly simOriginMs: number;
  readonly seed: number;
  readonly story: string;
  /** How much past it has, ms; absent: a week. */
  readonly historyMs?: number;
}

/** The simulated cluster in a process of its own; it is reached over HTTP like a real one. */
export interface RunningSandbox extends AsyncDisposable {
  readonly prometheusUrl: string;
  /** YAML text. */
  readonly kubeconfig: string;
  /** Moves its clock to `atMs` (since the epoch); resolves when it is there. */
  moveTo(atMs: number): Promise<void>;
  /** What `kubectl rollout restart` does at `nowMs`. */
  restart(namespace: string, deployment: string, nowMs: number): Promise<void>;
}

/** As it lies in the bundle. */
const PROGRAM = new URL("sandbox.mjs", import.meta.url);

/** Starts it and waits for its addresses. Rejects with what it wrote when it ends first. */
export async function startSandbox(options: SandboxOptions, program = PROGRAM): Promise<RunningSandbox> {
  const args = [
    ...["--seed", options.seed, "--story", options.story, "--speed", options.speed, "--port", 0],
    ...["--sim-origin-ms", options.simOriginMs],
    ...(options.historyMs === undefined ? [] : ["--history-ms", options.historyMs]),
  ].map(String);
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const firstLine = lines.next().then(({ value }) => String(value));
  const ended = once(child, "exit").then(() => {
    throw new AftershockError("usage", `the simulated cluster did not start: ${complaints.trim()}`);
  });
  const { url, prometheusUrl, kubeconfig } = JSON.parse(await Promise.race([firstLine, ended]));
  ended.catch(() => undefined);

  return {
    prometheusUrl,
    kubeconfig,
    async moveTo(atMs) {
      const there = lines.next();
      child.stdin.write(`${atMs}\n`);
      await Promise.race([there, ended]);
    },
    async restart(namespace, deployment, nowMs) {
      const at = new Date(nowMs).toISOString();
      const response = await fetch(
        `${url}/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}?fieldManager=kubectl-rollout`,
        {
          method: "PATCH",
          headers: { "content-type": "application/strategic-merge-patch+json" },
          body: JSON.stringify({
            spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": at } } } },
          }),
        },
      );
      if (!response.ok)
        throw new AftershockError("cluster-unavailable", `the restart was refused: HTTP ${response.status}`);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
