import { archiveIn } from "../../src/app/records/archive.ts";
import { bookOf } from "../../src/app/records/experiment-reader.ts";
import type { CallEdge } from "../../src/core/model/cluster.ts";
import type { ExperimentEvent } from "../../src/core/model/experiment.ts";
import { experimentStream, type FindingEvent, findingStream } from "../../src/core/model/journal.ts";
import type { Observation } from "../../src/core/model/series.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { weekAt } from "../../src/core/report/week.ts";
import { riskRules } from "../../src/main/setup/rules-folder.ts";
import { pagesOf } from "../../src/main/web/pages.ts";
import type { KeptJournal } from "../../src/ports/journal.ts";
import { bench, memoryCache, memoryJournal, world } from "../../test/support/app.ts";
import { storyCluster } from "../../test/support/cluster.ts";
import { STORY_FINDINGS } from "../../test/support/notices.ts";
import { deployment, judgement, pod, STORY_VERDICTS, workload } from "../../test/support/story.ts";
import { experimentEvents, idOf, TRANSIENT } from "../../test/support/week.ts";

/**
 * An installation that has run for months: so many experiments on so many services, each of which
 * calls two others, and the pages over it as the worker's thread serves them.
 */
export interface Size {
  readonly experiments: number;
  readonly services: number;
}

const BEFORE_MS = 30 * MINUTE_MS;
const STEP_MS = 30_000;

const serviceName = (i: number): string => `service-${i}`;

function edgesOf(services: number): readonly CallEdge[] {
  return Array.from({ length: services }, (_, i) =>
    [2 * i + 1, 2 * i + 2]
      .filter((callee) => callee < services)
      .map((callee): CallEdge => {
        const caller = deployment(serviceName(i));
        return { caller, callee: `go-app/${serviceName(callee)}`, protocol: "http", perSecond: 5 };
      }),
  ).flat();
}

/** Thirty minutes before the fault and thirty after it, with failures of the first service. */
function observationOf(services: number, t0Ms: number): Observation {
  const steps = (2 * BEFORE_MS) / STEP_MS;
  return {
    grid: { startMs: t0Ms - BEFORE_MS, stepMs: STEP_MS, steps },
    services: Array.from({ length: services }, (_, i) => ({
      service: `go-app/${serviceName(i)}`,
      reporter: "source" as const,
      requests: new Float64Array(steps).fill(150),
      failures: Float64Array.from({ length: steps }, (_, step) => (i === 0 && step > steps / 2 ? 75 : 0)),
      latency: null,
      connections: null,
      valid: new Uint8Array(steps).fill(1),
      flags: {},
    })),
    sourceRequests: 9,
    notes: [],
  };
}

/** When the experiment of this number began; the last one lies just before the end. */
const slotOf = (i: number, experiments: number, endMs: number): number => endMs - (experiments - i) * 25 * MINUTE_MS;

async function fill(journal: KeptJournal, { experiments, services }: Size, endMs: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let i = 0; i < experiments; i++) {
    const slotMs = slotOf(i, experiments, endMs);
    const isBad = i % 9 === 0;
    const on = isBad ? serviceName(0) : serviceName(i % services);
    const verdicts = STORY_VERDICTS.map((one) => ({ ...one, service: `go-app/${on}` }));
    const judged = isBad ? judgement(verdicts, { concerned: [`go-app/${on}`] }) : TRANSIENT;
    const recovered = { kind: "recovered", recoveredMs: slotMs + HOUR_MS, afterMs: HOUR_MS, cure: null } as const;
    const later: readonly ExperimentEvent[] = isBad ? [recovered, { kind: "recovery-notified" }] : [];
    const events = experimentEvents({ slotMs, on, judged, findings: isBad ? STORY_FINDINGS : [], later });
    const options = { atMs: slotMs, indexMs: slotMs, open: false };
    await journal.append(experimentStream(idOf(slotMs)), 0, events, options);
    ids.push(idOf(slotMs));
  }
  for (const { fingerprint, weakness, workload: where, title } of STORY_FINDINGS) {
    const seen: FindingEvent = {
      kind: "seen",
      experimentId: ids[0]!,
      weakness,
      workload: `${where.kind} ${where.namespace}/${where.name}`,
      title,
      status: "new",
    };
    await journal.append(findingStream(fingerprint), 0, [seen], { atMs: endMs, indexMs: endMs - DAY_MS, open: true });
  }
  return ids;
}

/** Answers requests to its pages, without a socket in between. */
export async function openInstallation(size: Size) {
  const the = world();
  const names = Array.from({ length: size.services }, (_, i) => serviceName(i));
  the.cluster = storyCluster({
    workloads: names.map((name) => workload(name, 2)),
    pods: names.flatMap((name) => [pod(name, "a"), pod(name, "b", { node: "node-b" })]),
  });
  const { deps } = await bench(the);
  const journal = memoryJournal();
  const archive = archiveIn(memoryCache(), deps.log);
  const endMs = deps.clock.nowMs();
  const ids = await fill(journal, size, endMs);
  const worst = ids.findLastIndex((_, i) => i % 9 === 0);
  const bad = ids[worst]!;
  const edges = edgesOf(size.services);
  await archive.keepObservation(bad, observationOf(size.services, slotOf(worst, size.experiments, endMs)));
  await archive.keepEdges(bad, edges);
  const metrics = { ...deps.metrics, edges: async () => edges };
  const { listener } = pagesOf(
    {
      deps: { ...deps, journal, book: bookOf(journal), archive, metrics, riskRules: (await riskRules(null)).rules },
      facts: async () => ({ settings: deps.settings(), notFollowed: [], metrics: "", notReady: null }),
    },
    { hosts: [], base: "" },
  );
  const week = weekAt(endMs, deps.settings().timezone).id;
  return { listener, experiment: bad, service: `go-app/${serviceName(0)}`, week };
}
