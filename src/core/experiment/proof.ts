import { isDegraded, type Judgement, type SignalVerdict, worstVerdict } from "../model/verdict.ts";

/** A fault of which nobody saw that it acted. */
export interface Unproven {
  /** A sentence: what was not seen, and what would be there. */
  readonly why: string;
  /**
   * `every`: no verdict says anything of the fault; `steady`: what got worse did so all the same.
   */
  readonly spoils: "every" | "steady";
}

/**
 * The judgement of a fault that may not have acted: calm after nothing is no evidence of anything.
 */
export function withoutProof(judgement: Judgement, { why, spoils }: Unproven): Judgement {
  const spoilt = ({ kind }: SignalVerdict["verdict"]): boolean =>
    kind === "steady" || (spoils === "every" && isDegraded(kind));
  const verdicts = judgement.verdicts.map((one): SignalVerdict => {
    if (!spoilt(one.verdict)) return one;
    return { ...one, verdict: { kind: "inconclusive", why: "fault-not-seen", detail: why } };
  });
  const { concerned, origin } = judgement;
  const told = verdicts.filter((one) => !one.starved && (concerned?.includes(one.service) ?? true));
  return {
    ...judgement,
    verdicts,
    headline: worstVerdict(told.map((one) => one.verdict.kind)),
    origin: spoils === "every" ? null : origin,
    notes: [...judgement.notes, why],
  };
}

/**
 * What a recorded judgement says of the fault's proof, to judge again as it was judged; null: it
 * was seen.
 */
export function unprovenIn(judgement: Judgement): Unproven | null {
  const details = judgement.verdicts.flatMap(({ verdict }) =>
    verdict.kind === "inconclusive" && verdict.why === "fault-not-seen" ? [verdict.detail] : [],
  );
  const [why] = details;
  if (why === undefined) return null;
  return { why, spoils: judgement.verdicts.some(({ verdict }) => isDegraded(verdict.kind)) ? "steady" : "every" };
}
