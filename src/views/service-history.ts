import type { ServiceId } from "../core/model/cluster.ts";
import type { ExperimentState } from "../core/model/experiment.ts";
import type { FindingLine } from "../core/model/weekly-report.ts";
import type { WebData } from "./data.ts";

/** How many of the newest experiments a service's page looks through. */
const REACH = 300;

export interface ServiceHistory {
  readonly service: ServiceId;
  /** Experiments on a workload behind it, newest first. */
  readonly hit: readonly ExperimentState[];
  /** Experiments that had to do with it, or in which it got worse, newest first. */
  readonly judged: readonly ExperimentState[];
  readonly findings: readonly FindingLine[];
}

/**
 * What is known of one service (or of a workload of that name), or null when no experiment and no
 * finding speaks of it.
 */
export async function serviceHistory(data: WebData, service: ServiceId): Promise<ServiceHistory | null> {
  const [experiments, findings] = await Promise.all([data.experiments(REACH), data.findings()]);
  const hit = experiments.filter((state) => isTarget(state, service));
  const judged = experiments.filter((state) => state.judgement?.verdicts.some((v) => v.service === service));
  const mine = findings.filter((line) => line.finding?.service === service || line.workload.endsWith(`/${service}`));
  if (hit.length + judged.length + mine.length === 0) return null;
  return { service, hit, judged, findings: mine };
}

function isTarget({ choice }: ExperimentState, service: ServiceId): boolean {
  if (choice === null) return false;
  const { workload, services } = choice.target;
  return services.includes(service) || `${workload.namespace}/${workload.name}` === service;
}
