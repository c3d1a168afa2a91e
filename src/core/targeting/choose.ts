import { type ClusterSnapshot, workloadKey, workloadName } from "../model/cluster.ts";
import type { Choice } from "../model/experiment.ts";
import type { Fault, FaultKind, Target } from "../model/fault.ts";
import type { Policy, WeightedFault } from "../model/policy.ts";
import { pick, pickWeighted, type Random } from "../random.ts";
import { candidatesOf, type Eligibility, eligibilityOf } from "./eligibility.ts";
import type { Candidate, PastInjection, TargetFacts } from "./facts.ts";
import { withTaken } from "./impossible.ts";
import { onService, onWorkload, type Staleness, staleness, stalenessWeights } from "./staleness.ts";
import { possibleTargets } from "./target.ts";

/** A target, or why there is none, with the reasons against every workload. */
export type Chosen = { readonly choice: Choice } | { readonly none: string; readonly whyNot: readonly Eligibility[] };

/** One fault on one workload. */
interface Only {
  readonly fault: FaultKind;
  /** Key of the workload. */
  readonly workload: string;
}

interface Option {
  readonly candidate: Candidate;
  readonly targets: readonly Target[];
}

/** One of the policy's faults, each as likely as its weight; undefined when there is none. */
const pickFault = (faults: readonly WeightedFault[], random: Random): WeightedFault | undefined =>
  pickWeighted(faults, (one) => one.weight, random);

/**
 * Draws what to hit: fault by weight, then service → workload → pod (node, zone), the least
 * recently exercised first. When nothing can take the drawn fault, the next one is drawn. The same
 * arguments and the same seed give the same answer, whatever order the API server listed in.
 * @param only draw nothing but this fault on this workload
 */
export function chooseTarget(
  policy: Policy,
  snapshot: ClusterSnapshot,
  facts: TargetFacts,
  random: Random,
  only: Only | null = null,
): Chosen {
  const judged = candidatesOf(snapshot, policy, facts)
    .toSorted((a, b) => compare(workloadKey(a.workload), workloadKey(b.workload)))
    .map((candidate) => ({ candidate, found: eligibilityOf(candidate) }));
  const eligible = judged.filter(({ found }) => found.whyNot.length === 0).map((one) => one.candidate);
  const whyNot = judged.map(({ found }) => found);
  if (eligible.length === 0) return { none: summary(whyNot), whyNot };

  const refusals: string[] = [];
  for (let left = policy.faults.filter(({ fault }) => only === null || fault.kind === only.fault); left.length > 0; ) {
    const drawn = pickFault(left, random);
    if (drawn === undefined) break;
    left = left.filter((one) => one !== drawn);
    const options = optionsFor(
      drawn.fault,
      eligible,
      judged.map((one) => one.candidate),
      refusals,
    ).filter(({ candidate }) => only === null || workloadKey(candidate.workload) === only.workload);
    if (options.length > 0) {
      const counts = { eligible: options.length, ineligible: judged.length - options.length };
      return { choice: { ...draw(drawn.fault, options, facts, snapshot.takenAtMs, random), ...counts } };
    }
  }
  return { none: `no fault of the policy can be done: ${[...new Set(refusals)].join("; ")}`, whyNot };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function optionsFor(
  fault: Fault,
  eligible: readonly Candidate[],
  all: readonly Candidate[],
  refusals: string[],
): Option[] {
  const taken = withTaken(fault, eligible, all);
  return eligible.flatMap((candidate) => {
    const possible = possibleTargets(fault, candidate, taken);
    const targets = possible.flatMap((one) => ("target" in one ? [one.target] : []));
    refusals.push(
      ...possible.flatMap((one) =>
        "why" in one ? [`${fault.kind} on ${workloadName(candidate.workload)}: ${one.why}`] : [],
      ),
    );
    return targets.length === 0
      ? []
      : [{ candidate, targets: targets.toSorted((a, b) => compare(keyOf(a), keyOf(b))) }];
  });
}

const keyOf = (target: Target): string =>
  `${target.zone ?? ""}/${target.node ?? ""}/${target.pods.map((pod) => pod.name).join()}`;

/** What the first draw chooses among: a service, or a workload that no Service stands before. */
interface Group {
  readonly name: string;
  readonly concerns: (one: PastInjection) => boolean;
  readonly options: readonly Option[];
}

function groupsOf(options: readonly Option[]): Group[] {
  const services = [...new Set(options.flatMap((option) => option.candidate.workload.services))];
  const alone = options.filter((option) => option.candidate.workload.services.length === 0);
  const groups: Group[] = [
    ...services.map((service) => ({
      name: service,
      concerns: onService(service),
      options: options.filter((option) => option.candidate.workload.services.includes(service)),
    })),
    ...alone.map((option) => ({
      name: workloadName(option.candidate.workload),
      concerns: onWorkload(option.candidate.workload),
      options: [option],
    })),
  ];
  return groups.toSorted((a, b) => compare(a.name, b.name));
}

function draw(fault: Fault, options: readonly Option[], facts: TargetFacts, nowMs: number, random: Random) {
  const groups = groupsOf(options);
  const isRisky = ({ candidate }: Option): boolean => facts.untested?.has(workloadKey(candidate.workload)) === true;
  const group = drawFrom(
    groups,
    (one) => staleness(facts.past, nowMs, one.concerns),
    (one) => one.options.some(isRisky),
    random,
  );
  const option = drawFrom(
    group.options,
    ({ candidate }) => staleness(facts.past, nowMs, onWorkload(candidate.workload)),
    isRisky,
    random,
  );
  const target = pick(option.targets, random);
  if (target === undefined) throw new RangeError("an option without a target was drawn");
  const path = [
    `${group.name} (1 of ${groups.length} services)`,
    `${workloadName(option.candidate.workload)} (1 of ${group.options.length} workloads)`,
    `${describeTarget(target)} (1 of ${option.targets.length})${isRisky(option) ? "; it has an untested risk" : ""}`,
  ];
  return { target, fault, drawn: path.join(" → ") };
}

/** How much likelier the draw is of what has a risk that no experiment has tested. */
const UNTESTED_RISK_WEIGHT = 3;

/** The least recently exercised first; among those, what has an untested risk is likelier. */
function drawFrom<T>(
  items: readonly T[],
  stalenessOf: (item: T) => Staleness,
  isRisky: (item: T) => boolean,
  random: Random,
): T {
  const weights = stalenessWeights(items.map(stalenessOf));
  const drawn = pickWeighted(
    [...items.entries()],
    ([i, item]) => (weights[i] ?? 0) * (isRisky(item) ? UNTESTED_RISK_WEIGHT : 1),
    random,
  );
  if (drawn === undefined) throw new RangeError("nothing to draw from");
  return drawn[1];
}

function describeTarget(target: Target): string {
  if (target.pods.length === 0) return "its service";
  if (target.pods.length === 1) return `pod ${target.pods[0]?.name}`;
  return target.node !== null ? `node ${target.node}` : `zone ${target.zone}`;
}

/** A reason that lists every pod is cut here: `why-not` tells it whole. */
const REASON_MAX_CHARS = 200;

/**
 * `0 of 7 workloads may be hit: rollout in progress (6), Deployment shop/cart: cooldown: hit …`:
 * what only one workload has is told whole.
 */
function summary(all: readonly Eligibility[]): string {
  if (all.length === 0) return "no workload was found in the policy's namespaces";
  const groups = [...Map.groupBy(all, (one) => (one.whyNot[0] ?? "").split(/[:;(]/)[0]?.trim() ?? "")];
  const parts = groups
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([why, same]) =>
      same.length === 1 && same[0] !== undefined ? wholeReason(same[0]) : `${why} (${same.length})`,
    );
  return `0 of ${all.length} workloads may be hit: ${parts.join(", ")}`;
}

function wholeReason({ workload, whyNot: [why = ""] }: Eligibility): string {
  return `${workloadName(workload)}: ${why.length <= REASON_MAX_CHARS ? why : `${why.slice(0, REASON_MAX_CHARS)}…`}`;
}
