import type { ServiceId } from "../core/model/cluster.ts";
import type { ExperimentState } from "../core/model/experiment.ts";
import type { FindingLine } from "../core/model/weekly-report.ts";
import type { WebData } from "./data.ts";
import { hits } from "./lists/filter.ts";
import type { ListedExperiment } from "./lists/listed.ts";

/** How many of the newest experiments a service's page tells of, of each kind. */
const TOLD = 25;

export interface ServiceHistory {
  readonly service: ServiceId;
  /** The newest experiments on a workload behind it, newest first. */
  readonly hit: readonly ListedExperiment[];
  /** The newest experiments that had to do with it, or in which it got worse, newest first. */
  readonly judged: readonly ExperimentState[];
  readonly findings: readonly FindingLine[];
  /** Experiments of either kind in all. */
  readonly total: number;
}

/**
 * What is known of one service (or of a workload of that name), or null when no experiment, no
 * finding and no policy speaks of it.
 */
export async function serviceHistory(data: WebData, service: ServiceId): Promise<ServiceHistory | null> {
  const [lines, findings] = await Promise.all([data.lines(), data.findings()]);
  const hit = lines.filter((line) => hits(line, service));
  const judged = lines.filter((line) => line.effects.some((effect) => effect.service === service));
  const mine = findings.filter((line) => line.finding?.service === service || line.workload.endsWith(`/${service}`));
  if (hit.length + judged.length + mine.length === 0 && !(await isCovered(data, service))) return null;
  return {
    service,
    hit: hit.slice(0, TOLD),
    judged: await data.states(judged.slice(0, TOLD).map(({ id }) => id)),
    findings: mine,
    total: new Set([...hit, ...judged]).size,
  };
}

/** A policy looks at a workload of that name, though nothing happened to it yet. */
async function isCovered(data: WebData, service: ServiceId): Promise<boolean> {
  const [week] = await data.weeks();
  const report = week === undefined ? null : await data.report(week);
  return (report?.coverage.lines ?? []).some(({ workload }) => `${workload.namespace}/${workload.name}` === service);
}
