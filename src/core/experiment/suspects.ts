import { workloadKey } from "../model/cluster.ts";
import type { ExperimentId, ExperimentState } from "../model/experiment.ts";
import type { MinuteScores, TestKey } from "../model/minutes.ts";
import type { OtherMinutes, Suspect } from "../model/suspect.ts";
import { DAY_MS } from "../model/units.ts";
import { isDegraded, type SignalVerdict } from "../model/verdict.ts";
import { confirmed, eValue } from "../stats/e-value.ts";
import { rerandomisedSum } from "../stats/rerandomised-sum.ts";

/** Experiments older than this are no evidence any more: services change. */
export const EVIDENCE_REACH_MS = 90 * DAY_MS;
/** At most this share of the suspects that are called confirmed is chance: judge.md §2.8. */
const ALPHA = 0.01;
/**
 * A p below this rests on a fitted tail that nobody has seen so far out; one experiment is never
 * more evidence than this.
 */
const SMALLEST_P = 1e-6;

/** One experiment that broke something, and was judged. */
export interface Run {
  readonly state: ExperimentState;
  readonly id: ExperimentId;
  readonly policy: string;
  readonly verdicts: readonly SignalVerdict[];
}

/**
 * Experiments of the same fault on the same workload, by both, oldest first. Shams and what
 * happened by itself are none.
 */
export function runsByTarget(states: readonly ExperimentState[]): ReadonlyMap<string, readonly Run[]> {
  const runs = states
    .flatMap((state) => runOf(state) ?? [])
    .toSorted((a, b) => (a.state.t0Ms ?? 0) - (b.state.t0Ms ?? 0));
  return Map.groupBy(runs, (run) => targetKey(run.state));
}

function runOf(state: ExperimentState): Run | null {
  const { plan, choice, judgement, injection } = state;
  if (plan === null || choice === null || judgement === null || plan.sham) return null;
  if (injection !== "injected" && injection !== "unsure") return null;
  const told = judgement.verdicts.filter((v) => !v.starved && (judgement.concerned?.includes(v.service) ?? true));
  return { state, id: plan.id, policy: plan.policy, verdicts: told };
}

const targetKey = ({ choice }: ExperimentState): string =>
  choice === null ? "" : `${choice.fault.kind} ${workloadKey(choice.target.workload)}`;

/** More of what one fault on one workload is suspected of is not followed minute by minute. */
const MOST_FOLLOWED = 20;

/**
 * What experiments before `state` suspect its fault on its workload of, strongest evidence first:
 * known before its instant, so that nothing which followed from the instant decides what is looked
 * at.
 */
export function suspectedBefore(states: readonly ExperimentState[], state: ExperimentState): readonly TestKey[] {
  const { choice, t0Ms, plan } = state;
  if (choice === null || t0Ms === null || plan === null || plan.sham) return [];
  const earlier = states.filter((one) => one.plan?.id !== plan.id && one.t0Ms !== null && one.t0Ms < t0Ms);
  return suspectsAmong(runsByTarget(earlier).get(targetKey(state)) ?? [])
    .toSorted((a, b) => b.evidence - a.evidence)
    .slice(0, MOST_FOLLOWED)
    .map(({ service, signal }) => ({ service, signal }));
}

/**
 * Everything that is suspected or confirmed, strongest evidence first. Evidence is a product of
 * e-values over experiments of the same fault on the same workload, so it may be looked at after
 * each of them and more may be ordered because of it; a suspect is confirmed when e-BH over all
 * suspects says so and at least two experiments showed it (judge.md §2.8).
 */
export function suspectsOf(states: readonly ExperimentState[]): readonly Suspect[] {
  const open = [...runsByTarget(states).values()].flatMap(suspectsAmong).map(({ kept, ...one }) => ({
    ...one,
    minutes: otherMinutes(kept.slice(-MOST_COUNTED)),
  }));
  const sure = confirmed(
    open.map((one) => one.evidence),
    ALPHA,
  );
  return open
    .map((one, i): Suspect => ({ ...one, standing: sure[i] && one.shownBy.length > 1 ? "confirmed" : "suspected" }))
    .toSorted((a, b) => b.evidence - a.evidence || a.openedBy.localeCompare(b.openedBy));
}

/** More experiments, the newest, say nothing more. */
const MOST_COUNTED = 20;

/**
 * Choices of which even the worst could not be told from one in twenty say nothing, and nothing is
 * said of them.
 */
const LEAST_SHARE = 0.05;

function otherMinutes(kept: readonly MinuteScores[]): OtherMinutes | null {
  const worst = kept.reduce((share, { counts }) => (share * (counts.at(-1) ?? 0)) / sumOf(counts), 1);
  if (kept.length === 0 || worst > LEAST_SHARE) return null;
  return { share: rerandomisedSum(kept).atLeast, runs: kept.length };
}

const sumOf = (counts: readonly number[]): number =>
  Math.max(
    1,
    counts.reduce((a, b) => a + b, 0),
  );

/**
 * A suspect while its experiments are gone through, with what those after the first kept of their
 * minutes, whatever came of them.
 */
interface Followed extends Omit<Suspect, "standing" | "minutes"> {
  readonly kept: readonly MinuteScores[];
}

/** Suspects of one fault on one workload. */
function suspectsAmong(runs: readonly Run[]): Followed[] {
  const suspects = new Map<string, Followed>();
  for (const { state, id, policy, verdicts } of runs) {
    const repeat = state.choice?.confirms === undefined ? 0 : 1;
    for (const [key, one] of suspects) {
      const kept = state.minutes.filter(({ test }) => test?.service === one.service && test.signal === one.signal);
      suspects.set(key, { ...one, repeats: one.repeats + repeat, kept: [...one.kept, ...kept] });
    }
    for (const verdict of verdicts) {
      const key = `${verdict.service} ${verdict.signal}`;
      const shown = isDegraded(verdict.verdict.kind);
      const known = suspects.get(key) ?? (shown ? fresh(state, id, policy, verdict) : null);
      const e = evidenceOf(verdict);
      if (known === null || e === null) continue;
      suspects.set(key, {
        ...known,
        evidence: known.evidence * e,
        runs: known.runs + 1,
        shownBy: shown ? [...known.shownBy, id] : known.shownBy,
      });
    }
  }
  return [...suspects.values()];
}

function fresh(
  { choice }: ExperimentState,
  openedBy: ExperimentId,
  policy: string,
  { service, signal }: SignalVerdict,
): Followed {
  if (choice === null) throw new RangeError("an experiment without a target suspects nobody");
  const { fault, target } = choice;
  const { kind, namespace, name } = target.workload;
  const none = { evidence: 1, runs: 0, shownBy: [], repeats: 0, kept: [] };
  return { fault: fault.kind, workload: { kind, namespace, name }, service, signal, openedBy, policy, ...none };
}

/**
 * The e-value of one verdict: of its p whatever the judge that made it, history's or, while
 * learning, that of the window's own steps (there the minimum effect is part of the null, so it is
 * rather too large). Null where nothing could be told: no evidence for either side. A p of 0 counts
 * as the smallest that is believed.
 */
export function evidenceOf({ verdict, p }: SignalVerdict): number | null {
  if (verdict.kind === "inconclusive" || p === null || Number.isNaN(p)) return null;
  return eValue(Math.min(Math.max(p, SMALLEST_P), 1));
}
