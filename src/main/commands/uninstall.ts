import { undoEverything } from "../../adapters/kubernetes/faults/injector.ts";
import { describeError } from "../../core/model/error.ts";
import { EXIT, type Io } from "../io.ts";
import { openCluster } from "../open-cluster.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { settingsOf } from "../setup/settings.ts";
import { sweepScope } from "../setup/sweep-scope.ts";
import { signature } from "../setup/whoami.ts";

/**
 * Leaves the cluster as if nobody had been there: stops injection for good, undoes active faults,
 * lets the lease go, and says what is to be deleted. Works without storage and beside a running
 * worker. Exits 3 while something is left.
 */
export async function uninstall(options: ConfiguredOptions, io: Io): Promise<number> {
  await using cluster = await openCluster(options, io, { withoutSecrets: true });
  const { config, client, clock, log, reader, lease, at } = cluster;
  const by = await signature(client, io);
  await lease.halt({ why: "Aftershock is being uninstalled", by, atMs: clock.nowMs() }, io.signal);
  const scope = sweepScope(reader, () => settingsOf(config));
  const { undone, left } = await undoEverything(client, clock, log, scope, io.signal);
  await lease.release(io.signal).catch((cause: unknown) => {
    log.debug("the lease was not released; it is to be deleted anyway", { why: describeError(cause) });
  });
  const { namespace, name } = at;
  const next = [
    `kubectl delete deployment,cronjob,service,configmap -n ${namespace} -l app.kubernetes.io/name=aftershock`,
    `aftershock rbac -c ${options.config} | kubectl delete -f -`,
    `kubectl delete lease ${name} -n ${namespace}`,
  ];
  if (options.json) io.out(`${JSON.stringify({ undone, left, next }, null, 2)}\n`);
  else io.out(text(undone, left, next));
  return left.length === 0 ? EXIT.ok : EXIT.failed;
}

function text(undone: readonly string[], left: readonly string[], next: readonly string[]): string {
  const lines = [
    "Injection is halted.",
    ...(undone.length === 0 ? ["Nothing stood in the cluster."] : undone.map((what) => `Taken back: ${what}.`)),
    ...left.map((what) => `LEFT: ${what}.`),
    left.length === 0
      ? "Now delete, in this order:"
      : "Run this again until nothing is left; then delete, in this order:",
    ...next.map((command) => `  ${command}`),
    "The journal stays in the storage; `aftershock journal export` keeps it elsewhere.",
  ];
  return `${lines.join("\n")}\n`;
}
