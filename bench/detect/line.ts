import { isDegraded, type Judgement, type SignalVerdict } from "../../src/core/model/verdict.ts";
import type { Adapted } from "./adapt.ts";

/** What could not be judged, and why. */
export interface NotJudged {
  readonly service: string;
  readonly signal: string;
  readonly why: string;
  readonly detail: string;
}

/** A line that `score.py` reads. */
export interface Line {
  readonly set: string;
  readonly case: string;
  readonly flagged: boolean;
  readonly score: number;
  readonly services: readonly { service: string; signal: string; verdict: string; score: number }[];
  readonly cause?: string;
  /** Distinct reasons with the number of signals that could not be judged for them. */
  readonly not_judged: Readonly<Record<string, number>>;
  /** Each of these signals. */
  readonly could_not_judge: readonly NotJudged[];
  /** What of the case was not taken as it stands, one sentence each. */
  readonly notes: readonly string[];
  /** Why nothing of the case could be judged. */
  readonly why?: string;
}

/** Score of a case in which nothing could be tested or nothing reached the minimum effect. */
const LOWEST = -9;
/** Deviates are finite; what is not would be no number in JSON. */
const HIGHEST = 1e6;

const scoreOf = (z: number | null): number => Math.min(Math.max(z ?? LOWEST, LOWEST), HIGHEST);

/** A case of which nothing could be judged. */
export const unjudged = (set: string, id: string, why: string, notes: readonly string[]): Line => ({
  set,
  case: id,
  flagged: false,
  score: LOWEST,
  services: [],
  not_judged: {},
  could_not_judge: [],
  notes,
  why,
});

type Signals = Pick<Adapted, "services" | "whyNotRecorded">;

/** The line of a judgement. */
export function lineOf(
  set: string,
  id: string,
  judgement: Judgement,
  signals: Signals,
  notes: readonly string[],
): Line {
  if (judgement.verdicts.length === 0)
    return unjudged(set, id, "no request, success rate or latency in its window", notes);
  const found = judgement.verdicts.filter((v) => isDegraded(v.verdict.kind));
  const couldNot = notJudgedOf(judgement.verdicts, signals);
  const counts = Map.groupBy(couldNot, (one) => one.why);
  const judged = judgement.verdicts.some(
    (v) => v.verdict.kind === "steady" || isDegraded(v.verdict.kind) || v.z !== null,
  );
  return {
    set,
    case: id,
    flagged: found.length > 0,
    score: Math.max(LOWEST, ...judgement.verdicts.map((v) => scoreOf(v.z))),
    services: found.map((v) => ({
      service: v.service,
      signal: v.signal,
      verdict: v.starved ? "starved" : v.verdict.kind,
      score: scoreOf(v.z),
    })),
    ...(judgement.origin === null ? {} : { cause: judgement.origin }),
    not_judged: Object.fromEntries(
      [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([why, of]) => [why, of.length]),
    ),
    could_not_judge: couldNot,
    notes,
    ...(judged ? {} : { why: "not one signal of it could be judged, see could_not_judge" }),
  };
}

function notJudgedOf(verdicts: readonly SignalVerdict[], { services, whyNotRecorded }: Signals): NotJudged[] {
  const told = verdicts.flatMap(({ service, signal, verdict }): NotJudged[] => {
    const missing = whyNotRecorded(service, signal);
    if (missing !== null && !isDegraded(verdict.kind)) return [{ service, signal, why: "no-data", detail: missing }];
    if (verdict.kind !== "inconclusive") return [];
    return [{ service, signal, why: verdict.why, detail: verdict.detail }];
  });
  const untimed = services.flatMap(({ service }): NotJudged[] => {
    const missing = whyNotRecorded(service, "latency");
    return missing === null ? [] : [{ service, signal: "latency", why: "no-data", detail: missing }];
  });
  return [...told, ...untimed];
}
