import { writeSync } from "node:fs";
import { connect } from "../../adapters/kubernetes/client/client.ts";
import { limitsReader } from "../../adapters/kubernetes/faults/http/route-limits.ts";
import { haltSwitch } from "../../adapters/kubernetes/lease/halt.ts";
import { kubernetesReader } from "../../adapters/kubernetes/read/reader.ts";
import { prometheusSource } from "../../adapters/prometheus/source.ts";
import { pack, unpack } from "../../adapters/storage/packed.ts";
import { systemClock } from "../../adapters/system/clock.ts";
import { archiveIn } from "../../app/records/archive.ts";
import { bookOf } from "../../app/records/experiment-reader.ts";
import type { Io } from "../io.ts";
import { logOf, readConfig } from "../setup/configured.ts";
import { ownNamespace } from "../setup/own-namespace.ts";
import { riskRules } from "../setup/rules-folder.ts";
import { prometheusOptions } from "../setup/servers.ts";
import { sweepScope } from "../setup/sweep-scope.ts";
import { openRecords } from "../storage/storage.ts";
import type { WorkerFacts } from "./facts.ts";
import { pagesOf } from "./pages.ts";
import type { Served } from "./serve.ts";
import type { ThreadStart } from "./web-thread.ts";

/** Everything that pages read, over connections of this thread. Rejects as the storage does. */
export async function openPages(
  { config: file, cwd, env, web }: ThreadStart,
  facts: () => Promise<WorkerFacts>,
): Promise<Served & { close(): Promise<void> }> {
  const io: Io = {
    env,
    cwd,
    out: (text) => void writeSync(1, text),
    err: (text) => void writeSync(2, text),
    terminal: false,
    signal: new AbortController().signal,
  };
  const { config } = await readConfig({ config: file }, io);
  const clock = systemClock();
  const log = logOf(config, io);
  const { context, lease } = config.kubernetes;
  const client = connect({
    ...(context === null ? {} : { context }),
    ...(env.KUBECONFIG === undefined ? {} : { kubeconfig: env.KUBECONFIG }),
  });
  const records = await openRecords(config.storage.url.reveal(), { cluster: config.cluster, cwd, log });
  const { journal, cache } = records;
  const cluster = kubernetesReader(client, clock, config.kubernetes.nodes);
  // asked for with the facts, so that namespaces of a changed configuration are read, too
  const scope = async (signal: AbortSignal) => {
    const { settings } = await facts();
    return sweepScope(cluster, () => settings).namespaces(signal);
  };
  const deps = {
    clock,
    log,
    journal,
    book: bookOf(journal, { pack, unpack }),
    archive: archiveIn(cache, log),
    cluster,
    limits: limitsReader(client, scope),
    halt: haltSwitch(client, { namespace: ownNamespace(config, client.namespace), name: lease }),
    metrics: prometheusSource(await prometheusOptions(config, io, clock, log)),
    riskRules: (await riskRules(config.rules.risks)).rules,
  };
  return {
    ...pagesOf({ deps, facts }, web),
    async close() {
      await records.close();
      await client.close();
    },
  };
}
