import type { ServiceId } from "../model/cluster.ts";
import { isDegraded, type Judgement, type SignalVerdict, type VerdictKind } from "../model/verdict.ts";
import { worstFirst } from "./impact.ts";

export interface DegradedServices {
  /** The worst signal of each degraded service that has to do with the target, worst first. */
  readonly concerned: readonly SignalVerdict[];
  /** The same for services that have nothing to do with it: they got worse by themselves. */
  readonly bystanders: readonly SignalVerdict[];
}

/** Which services got worse. One that merely lost its callers is left out: it was starved, not broken. */
export function degradedServices(judgement: Judgement): DegradedServices {
  const worst = worstPerService(judgement.verdicts.filter((v) => isDegraded(v.verdict.kind) && !v.starved));
  const isConcerned = ({ service }: SignalVerdict): boolean => judgement.concerned?.includes(service) ?? true;
  return { concerned: worst.filter(isConcerned), bystanders: worst.filter((v) => !isConcerned(v)) };
}

/** The worst signal of each service, worst service first. */
export function worstPerService(verdicts: readonly SignalVerdict[]): SignalVerdict[] {
  const seen = new Set<ServiceId>();
  return worstFirst(verdicts).filter(({ service }) => !seen.has(service) && seen.add(service));
}

/** Services whose damage is still open. */
export const isOpen = (kind: VerdictKind): boolean => kind === "persistent" || kind === "unresolved";
