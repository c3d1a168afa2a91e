import { connect } from "../../adapters/kubernetes/client/client.ts";
import { kubernetesReader } from "../../adapters/kubernetes/read/reader.ts";
import { accessQuestions } from "../../adapters/kubernetes/rights/rights.ts";
import { plainLog } from "../../adapters/log/plain.ts";
import { queryTrial } from "../../adapters/prometheus/read/try-queries.ts";
import { prometheusSource } from "../../adapters/prometheus/source.ts";
import type { Check } from "../../app/doctor/check.ts";
import { metricsChecks, rightsChecks, trafficChecks } from "../../app/doctor/examine.ts";
import { queryChecks } from "../../app/doctor/examine-queries.ts";
import type { Config } from "../../config/load/config.ts";
import { describeError } from "../../core/model/error.ts";
import type { Io } from "../io.ts";
import { type BareOptions, bareConfig } from "../setup/bare-config.ts";
import { type ConfiguredOptions, clockOf, readConfig, storageOf } from "../setup/configured.ts";
import { ownNamespace } from "../setup/own-namespace.ts";
import { rightsOf } from "../setup/rights.ts";
import { prometheusOptions } from "../setup/servers.ts";
import { messagesCheck } from "./messages-check.ts";

/**
 * Looks at each part by itself, where not all of them can be opened: what is missing of one says
 * nothing of the others.
 */
export async function examineParts(options: ConfiguredOptions & BareOptions, io: Io): Promise<readonly Check[]> {
  const isBare = options.prometheus !== undefined;
  let config: Config | null = null;
  const configuration = await looked("configuration", async () => {
    config = isBare ? await bareConfig(options, io) : (await readConfig(options, io)).config;
    const says = isBare ? "none is read: only Prometheus is looked at" : `${options.config} is valid`;
    return [{ what: "configuration", ok: true, says }];
  });
  const metrics = await looked("metrics source", () => metricsOf(config, io));
  if (isBare) return [...configuration, ...metrics];
  return [
    ...configuration,
    ...metrics,
    ...(await looked("cluster", () => clusterOf(config, io))),
    ...(await looked("storage", () => storageChecks(config, io))),
    ...(config === null ? [] : [messagesCheck(config)]),
  ];
}

async function looked(what: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (cause) {
    return [{ what, ok: false, says: describeError(cause) }];
  }
}

async function metricsOf(config: Config | null, io: Io): Promise<readonly Check[]> {
  if (config === null) {
    const says = "not known without a configuration: name it with --prometheus URL to look at it alone";
    return [{ what: "metrics source", ok: false, says }];
  }
  const clock = clockOf(config, io);
  const source = await prometheusOptions(config, io, clock, quiet);
  const metrics = prometheusSource(source);
  return [
    ...(await metricsChecks({ metrics }, io.signal)),
    ...(await looked("traffic", () => trafficChecks({ metrics, clock }, io.signal))),
    ...(await queryChecks(queryTrial(source), io.signal)),
  ];
}

async function clusterOf(config: Config | null, io: Io): Promise<readonly Check[]> {
  const context = config?.kubernetes.context ?? null;
  await using client = connect({
    ...(context === null ? {} : { context }),
    ...(io.env.KUBECONFIG === undefined ? {} : { kubeconfig: io.env.KUBECONFIG }),
  });
  const { gitVersion } = await client.request<{ gitVersion?: string }>({ method: "GET", path: "/version" }, io.signal);
  const reached = { what: "cluster", ok: true, says: `${client.server} answers, version ${gitVersion ?? "unknown"}` };
  if (config === null) return [reached];
  const rights = accessQuestions(rightsOf(config, ownNamespace(config, client.namespace)));
  const cluster = kubernetesReader(client, clockOf(config, io), config.kubernetes.nodes);
  return [reached, ...(await looked("rights", () => rightsChecks({ cluster, rights }, io.signal)))];
}

async function storageChecks(config: Config | null, io: Io): Promise<readonly Check[]> {
  const what = "storage";
  if (config === null) return [{ what, ok: false, says: "not known without a configuration" }];
  const storage = await storageOf(config, io, { clock: clockOf(config, io), log: quiet });
  try {
    const problems = await storage.check();
    if (problems.length === 0) return [{ what, ok: true, says: "works" }];
    return problems.map((says) => ({ what, ok: false, says }));
  } finally {
    await storage.close();
  }
}

/** What is wrong is told as a check. */
const quiet = plainLog({ level: "error", write: () => undefined, redact: [], colour: false });
