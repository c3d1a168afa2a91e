import { workloadKey } from "../model/cluster.ts";
import type { Confirmation, ExperimentPlan, ExperimentState } from "../model/experiment.ts";
import type { FaultKind } from "../model/fault.ts";
import type { Policy } from "../model/policy.ts";
import { randomFrom, seedOf } from "../random.ts";
import { type Run, runsByTarget, suspectsOf } from "./suspects.ts";

/**
 * At most this share of a policy's slots repeats something; the others go on with what was least
 * recently exercised.
 */
const REPEAT_SHARE = 0.5;

/** An experiment that is to be made again: the same fault on the same workload. */
export interface Repeat extends Confirmation {
  readonly fault: FaultKind;
  /** Key of the workload. */
  readonly workload: string;
}

/**
 * What a slot of `policy` is to repeat, or null: something that is suspected or was confounded, as
 * long as it was repeated fewer than `limits.confirmations` times. The longest open comes first.
 * Whether this slot is for a repeat at all is drawn by its seed, and slots that a person asked for
 * never are.
 */
export function repeatFor(
  plan: Pick<ExperimentPlan, "id" | "seed" | "sham" | "manual">,
  policy: Pick<Policy, "name" | "limits">,
  states: readonly ExperimentState[],
): Repeat | null {
  const most = policy.limits.confirmations ?? 0;
  if (plan.sham || plan.manual || most === 0) return null;
  if (randomFrom(seedOf(`${plan.seed}/${plan.id}/repeat`)).next() >= REPEAT_SHARE) return null;
  const wanted = repeatsWanted(policy.name, most, states);
  return wanted[0] ?? null;
}

/** Everything that a policy has to repeat, longest open first. */
export function repeatsWanted(policy: string, most: number, states: readonly ExperimentState[]): readonly Repeat[] {
  const suspected = suspectsOf(states)
    .filter((one) => one.policy === policy && one.standing === "suspected" && one.repeats < most)
    .map(
      ({ openedBy, fault, workload }): Repeat => ({
        of: openedBy,
        why: "suspected",
        fault,
        workload: workloadKey(workload),
      }),
    );
  const confounded = [...runsByTarget(states).values()].flatMap((runs) => confoundedRun(policy, most, runs) ?? []);
  const byTarget = new Map([...confounded, ...suspected].map((one) => [`${one.fault} ${one.workload}`, one]));
  const beganMs = new Map(states.map(({ plan, t0Ms }) => [plan?.id, t0Ms ?? 0]));
  return [...byTarget.values()].toSorted((a, b) => (beganMs.get(a.of) ?? 0) - (beganMs.get(b.of) ?? 0));
}

/**
 * The first of the confounded experiments at the end of `runs`, unless it was repeated often
 * enough.
 */
function confoundedRun(policy: string, most: number, runs: readonly Run[]): Repeat | null {
  const clear = runs.findLastIndex((run) => !isConfounded(run));
  const [first, ...again] = runs.slice(clear + 1);
  const choice = first?.state.choice;
  if (first === undefined || choice == null || first.policy !== policy) return null;
  if (again.filter(({ state }) => state.choice?.confirms !== undefined).length >= most) return null;
  return { of: first.id, why: "confounded", fault: choice.fault.kind, workload: workloadKey(choice.target.workload) };
}

const isConfounded = ({ verdicts }: Run): boolean =>
  verdicts.some(({ verdict }) => verdict.kind === "inconclusive" && verdict.why === "confounded");
