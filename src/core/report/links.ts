import { verdictDueMs } from "../experiment/early-alert.ts";
import type { ServiceId } from "../model/cluster.ts";
import { degradedServices } from "../model/degraded.ts";
import type { ExperimentState } from "../model/experiment.ts";
import { DAY_MS, MINUTE_MS } from "../model/units.ts";
import { fillLinks, type Link, type LinkTemplate } from "../text/link.ts";

/** Most pods are Ready again after this: it only says how far a link looks ahead. */
const USUALLY_CLEAR_MS = 2 * MINUTE_MS;

export interface LinkSource {
  readonly cluster: string;
  /** Absent: there are none. */
  readonly links?: readonly LinkTemplate[];
}

/**
 * Links to other tools at the time of an experiment: from the beginning of what it is compared with
 * until its verdict, or a while after it had recovered. None when nothing was injected.
 * @param service whose link it is; left out: the service that got worst, else the first target
 */
export function experimentLinks(
  { cluster, links = [] }: LinkSource,
  state: ExperimentState,
  service: ServiceId | null = mainService(state),
): readonly Link[] {
  const { plan, t0Ms, recoveredMs } = state;
  const dueMs = verdictDueMs(state, USUALLY_CLEAR_MS);
  if (plan === null || t0Ms === null || dueMs === null) return [];
  return fillLinks(links, {
    cluster,
    experiment: plan.id,
    service,
    fromMs: t0Ms - plan.geometry.beforeMs,
    toMs: Math.max(dueMs, (recoveredMs ?? 0) + plan.geometry.lateMs),
  });
}

/** Links to other tools for a service over the last day, apart from any experiment. */
export const lastDayLinks = (
  { cluster, links = [], nowMs }: LinkSource & { readonly nowMs: number },
  service: ServiceId,
): readonly Link[] => fillLinks(links, { cluster, experiment: null, service, fromMs: nowMs - DAY_MS, toMs: nowMs });

function mainService({ judgement, alert, choice }: ExperimentState): ServiceId | null {
  const worst = judgement === null ? undefined : degradedServices(judgement).concerned[0]?.service;
  return worst ?? alert?.services[0]?.service ?? choice?.target.services[0] ?? null;
}
