import type { ServiceId } from "../core/model/cluster.ts";
import type { ExperimentState } from "../core/model/experiment.ts";
import type { SettledRisk } from "../core/model/risk.ts";
import type { FindingLine } from "../core/model/weekly-report.ts";
import type { WebData } from "./data.ts";
import { hits } from "./lists/filter.ts";
import type { ListedExperiment } from "./lists/listed.ts";
import { serviceOfRisk } from "./lists/services.ts";

/** How many of the newest experiments a service's page tells of, of each kind. */
const TOLD = 25;

export interface ServiceHistory {
  readonly service: ServiceId;
  /** The newest experiments on a workload behind it, newest first. */
  readonly hit: readonly ListedExperiment[];
  /** The newest experiments that had to do with it, or in which it got worse, newest first. */
  readonly judged: readonly ExperimentState[];
  readonly findings: readonly FindingLine[];
  readonly risks: readonly SettledRisk[];
  /** Experiments of either kind in all. */
  readonly total: number;
}

/**
 * What is known of one service (or of a workload of that name), or null when no experiment, no
 * finding, no risk and no policy speaks of it and nobody calls it.
 */
export async function serviceHistory(data: WebData, service: ServiceId): Promise<ServiceHistory | null> {
  const [lines, findings, known] = await Promise.all([data.lines(), data.findings(), data.risks()]);
  const risks = known.risks.filter((risk) => serviceOfRisk(risk) === service || workloadOf(risk) === service);
  const hit = lines.filter((line) => hits(line, service));
  const judged = lines.filter((line) => line.effects.some((effect) => effect.service === service));
  const mine = findings.filter((line) => line.finding?.service === service || line.workload.endsWith(`/${service}`));
  if (hit.length + judged.length + mine.length + risks.length === 0 && !(await isKnown(data, service))) return null;
  return {
    service,
    hit: hit.slice(0, TOLD),
    judged: await data.states(judged.slice(0, TOLD).map(({ id }) => id)),
    findings: mine,
    risks,
    total: new Set([...hit, ...judged]).size,
  };
}

const workloadOf = ({ workload }: SettledRisk): string => `${workload.namespace}/${workload.name}`;

/**
 * A policy looks at a workload of that name, or it is on the map, though nothing happened to it
 * yet.
 */
async function isKnown(data: WebData, service: ServiceId): Promise<boolean> {
  const { calls } = await data.calls();
  if (calls.some(({ caller, callee }) => caller === service || callee === service)) return true;
  const [week] = await data.weeks();
  const report = week === undefined ? null : await data.report(week);
  return (report?.coverage.lines ?? []).some(({ workload }) => `${workload.namespace}/${workload.name}` === service);
}
