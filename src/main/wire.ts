import { randomUUID } from "node:crypto";
import { dryRunInjector } from "../adapters/dry-run/injector.ts";
import type { KubernetesClient } from "../adapters/kubernetes/client/client.ts";
import { routesReader } from "../adapters/kubernetes/faults/http/http-fault.ts";
import { limitsReader } from "../adapters/kubernetes/faults/http/route-limits.ts";
import { kubernetesInjector } from "../adapters/kubernetes/faults/injector.ts";
import { podLosses } from "../adapters/kubernetes/follow/pod-losses.ts";
import { pack, unpack } from "../adapters/storage/packed.ts";
import { judgeHere } from "../adapters/system/judge/here.ts";
import { annotationsIn } from "../app/annotate/annotations.ts";
import { archiveIn } from "../app/records/archive.ts";
import { bookOf } from "../app/records/experiment-reader.ts";
import { installationOf } from "../app/records/installation.ts";
import { stampSchema } from "../app/records/journal-schema.ts";
import { historyKeeper } from "../app/records/metrics-history.ts";
import type { WorkDeps } from "../app/worker/work.ts";
import type { Config } from "../config/load/config.ts";
import type { LoadedConfig } from "../config/load/load.ts";
import { describeError, hasCode } from "../core/model/error.ts";
import { SECOND_MS } from "../core/model/units.ts";
import { narrowed } from "../core/targeting/narrow.ts";
import type { Lease } from "../ports/lease.ts";
import type { Log } from "../ports/log.ts";
import type { Io } from "./io.ts";
import { type Cluster, openCluster, type Parts } from "./open-cluster.ts";
import type { OwnMetrics } from "./own-metrics/own-metrics.ts";
import { type ConfiguredOptions, storageOf } from "./setup/configured.ts";
import { diagnosisRules, riskRules } from "./setup/rules-folder.ts";
import { annotatorOf, notifierOf } from "./setup/servers.ts";
import { holdSettings } from "./setup/settings.ts";
import { sweepScope } from "./setup/sweep-scope.ts";
import { sweepWithoutStorage } from "./setup/sweep-without-storage.ts";
import type { Storage } from "./storage/opened-storage.ts";
import { version } from "./version.ts";

/** The API server may take this long when a process ends, real ms. */
const RELEASE_TIMEOUT_MS = 3 * SECOND_MS;

/** Everything, ready to work. */
export interface Wired extends AsyncDisposable {
  readonly config: Config;
  readonly hash: string;
  readonly deps: WorkDeps;
  readonly client: KubernetesClient;
  readonly storage: Storage;
  /** Null in a process that nobody scrapes. */
  readonly own: OwnMetrics | null;
  /** Takes another configuration for all experiments from now on. */
  reconfigure(loaded: LoadedConfig): void;
}

export async function wire(options: ConfiguredOptions, io: Io, parts: Parts = {}): Promise<Wired> {
  const cluster = await openCluster(options, io, parts);
  const { clock, log, client } = cluster;
  const [diagnosis, risks] = await rulesOf(cluster).catch(async (cause: unknown) => {
    await client.close();
    throw cause;
  });
  const { measuring } = parts;
  const notifier = parts.notifier ?? (await notifierOf(cluster.config, io, clock, log));
  let { config, hash } = cluster;
  const held = holdSettings(() => config);
  const { settings } = held;
  const { storage, installation } = await namedStorage(cluster, io, {
    clock,
    log,
    speed: parts.speed ?? 1,
    durable: parts.passing !== true,
  }).catch(async (cause: unknown) => {
    if (hasCode(cause, "storage-unavailable") && parts.dryRun !== true) await sweepWithoutStorage(cluster, settings);
    await client.close();
    throw cause;
  });
  const { cache } = storage;
  const journal = measuring?.journal(storage.journal) ?? storage.journal;
  const paced = parts.pace?.(storage.queue) ?? storage.queue;
  const { reader, lease, alerts } = cluster;
  const metrics = measuring?.source(cluster.metrics) ?? cluster.metrics;
  const judge = parts.judge ?? judgeHere;
  const book = bookOf(journal, { pack, unpack });
  const archive = archiveIn(cache, log);
  const annotator = parts.dryRun === true ? null : await annotatorOf(cluster.config, io);
  const annotations =
    annotator === null ? undefined : annotationsIn({ annotator, clock, log, book, archive, settings });
  const deps: WorkDeps = {
    clock,
    log,
    journal,
    queue: measuring?.queue(paced) ?? paced,
    cluster: reader,
    lease,
    halt: lease,
    haltWatch: cluster.haltWatch,
    podWatch: podLosses(client, log),
    metrics,
    judge: measuring?.judge(judge) ?? judge,
    build: version(),
    alerts,
    rules: diagnosis.rules,
    riskRules: risks.rules,
    routes: routesReader(client, sweepScope(reader, settings).namespaces),
    limits: limitsReader(client, sweepScope(reader, settings).namespaces),
    injector: parts.dryRun
      ? dryRunInjector(log)
      : kubernetesInjector(client, clock, log, {
          ...sweepScope(reader, settings),
          installation,
          events: cluster.events,
        }),
    notifier: measuring?.notifier(notifier) ?? notifier,
    book,
    archive,
    history: historyKeeper({ metrics, cache, clock, log, reachMs: () => settings().historyMs }),
    tell(id, event, state) {
      measuring?.own.listener(id, event, state);
      if (!parts.dryRun) cluster.events.told(id, event, state, clock.nowMs());
      annotations?.told(id, state);
      parts.tell?.(id, event, state);
    },
    settings,
    teams: held.teams,
    policyTexts: cluster.policyTexts,
    cache,
    ...(annotations === undefined ? {} : { annotations }),
    ...(measuring === undefined ? {} : { worked: measuring.own.worked }),
    retention: () => config.storage.retention,
    reportSchedule: () => config.report,
    policyOf(plan) {
      const policy = settings().policies.find((one) => one.name === plan.policy);
      if (policy === undefined) return null;
      return plan.only === undefined ? policy : narrowed(policy, plan.only, settings().protectedNamespaces);
    },
  };
  return {
    get config() {
      return config;
    },
    get hash() {
      return hash;
    },
    deps,
    client,
    storage,
    own: measuring?.own ?? null,
    reconfigure(loaded) {
      ({ config, hash } = loaded);
      held.teams.reread();
    },
    [Symbol.asyncDispose]: async () => {
      await parts.judge?.[Symbol.asyncDispose]();
      await cluster.events.settled();
      await releaseLease(lease, log);
      await storage.close();
      await client.close();
    },
  };
}

/** Shipped rules and the user's; one that is broken is named and left out. */
async function rulesOf({ config: { rules }, log }: Cluster) {
  const both = await Promise.all([diagnosisRules(rules.diagnosis), riskRules(rules.risks)]);
  for (const problem of both.flatMap(({ problems }) => problems)) log.warn("a rule is left out", { problem });
  return both;
}

/** The storage, and the name of the installation that it belongs to. */
async function namedStorage({ config, at }: Cluster, io: Io, options: Parameters<typeof storageOf>[2]) {
  const storage = await storageOf(config, io, options);
  try {
    const installation = await installationOf({ journal: storage.journal, clock: options.clock }, () => newName(at));
    await stampSchema({ journal: storage.journal, clock: options.clock });
    return { storage, installation };
  } catch (cause) {
    await storage.close();
    throw cause;
  }
}

/**
 * Says where it was installed, and is nobody else's: two storages may belong to one lease, by
 * mistake or from a laptop.
 */
const newName = ({ namespace, name }: Cluster["at"]): string => `${namespace}/${name}-${randomUUID().slice(0, 8)}`;

/** Lets the next process inject at once, instead of after the holder's silence. */
async function releaseLease(lease: Lease, log: Log): Promise<void> {
  await lease.release(AbortSignal.timeout(RELEASE_TIMEOUT_MS)).catch((cause: unknown) => {
    log.debug("the lease was not released; it expires by itself", { why: describeError(cause) });
  });
}
