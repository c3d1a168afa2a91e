import type { ServiceId } from "./cluster.ts";
import { isDegraded, type Judgement, type SignalVerdict, VERDICTS_WORST_FIRST, type VerdictKind } from "./verdict.ts";

export interface DegradedServices {
  /**
   * The worst signal of each degraded service that has to do with the target, worst first; among
   * equals, where it began.
   */
  readonly concerned: readonly SignalVerdict[];
  /** The same for services that have nothing to do with it: they got worse by themselves. */
  readonly bystanders: readonly SignalVerdict[];
}

/**
 * Which services got worse. One that merely lost its callers is left out: it was starved, not
 * broken.
 */
export function degradedServices(judgement: Judgement): DegradedServices {
  const worst = originFirst(
    worstPerService(judgement.verdicts.filter((v) => isDegraded(v.verdict.kind) && !v.starved)),
    judgement.origin,
  );
  const isConcerned = ({ service }: SignalVerdict): boolean => judgement.concerned?.includes(service) ?? true;
  return { concerned: worst.filter(isConcerned), bystanders: worst.filter((v) => !isConcerned(v)) };
}

/**
 * Among equally bad ones the service in which it began comes first: the others may only pass on
 * what it does.
 */
function originFirst(worst: readonly SignalVerdict[], origin: ServiceId | null): SignalVerdict[] {
  const rank = ({ verdict }: SignalVerdict): number =>
    (VERDICTS_WORST_FIRST as readonly VerdictKind[]).indexOf(verdict.kind);
  return worst.toSorted((a, b) => rank(a) - rank(b) || Number(b.service === origin) - Number(a.service === origin));
}

/** The worst signal of each service, worst service first. */
export function worstPerService(verdicts: readonly SignalVerdict[]): SignalVerdict[] {
  const seen = new Set<ServiceId>();
  return worstFirst(verdicts).filter(({ service }) => !seen.has(service) && seen.add(service));
}

/** Services whose damage is still open. */
export const isOpen = (kind: VerdictKind): boolean => kind === "persistent" || kind === "unresolved";

/**
 * Worst verdict first; among equals the stronger deviate, then the name, so that the order never
 * depends on the input's.
 */
export function worstFirst(verdicts: readonly SignalVerdict[]): SignalVerdict[] {
  return [...verdicts].sort(
    (a, b) =>
      rank(a.verdict.kind) - rank(b.verdict.kind) ||
      signalRank(a) - signalRank(b) ||
      (b.z ?? 0) - (a.z ?? 0) ||
      (a.service < b.service ? -1 : a.service > b.service ? 1 : 0),
  );
}

const rank = (kind: VerdictKind): number => {
  const at = (VERDICTS_WORST_FIRST as readonly VerdictKind[]).indexOf(kind);
  return at === -1 ? VERDICTS_WORST_FIRST.length : at;
};

/** Failures say more to a service owner than slowness, and that more than missing traffic. */
const signalRank = (verdict: SignalVerdict): number =>
  ["failures", "connections", "latency", "rate"].indexOf(verdict.signal);
