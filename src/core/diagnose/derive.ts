import { type Workload, workloadKey } from "../model/cluster.ts";
import { formatDuration } from "../text/format.ts";
import { failedBeyond } from "./beyond.ts";
import { callFacts } from "./call-facts.ts";
import type { DiagnosisFacts, ExperimentFacts, Pair, WorkloadSubject } from "./facts.ts";
import { type WorkloadCall, workloadCalls } from "./graph.ts";
import type { DiagnosisInput } from "./input.ts";
import { podsOf, replacementsIn, restartedIn, startedBefore } from "./pods.ts";
import { workloadFacts } from "./workload.ts";

/** What ends a pod without asking it first, so that it can finish nothing. */
const UNASKED: readonly string[] = ["pod-kill", "failed", "oom-killed", "restarted", "node-lost"];

/**
 * Turns one experiment into the facts that rules ask for; pure, and the same for the same input.
 */
export function deriveFacts(input: DiagnosisInput): DiagnosisFacts {
  const calls = workloadCalls(input.edges, input.before);
  const subjects = new Map(
    input.before.workloads.map((workload) => [workloadKey(workload), subjectOf(workload, input, calls)]),
  );
  return {
    experiment: experimentFacts(input),
    workloads: [...subjects.values()],
    pairs: strongestPerPair(calls).flatMap((call) => pairOf(call, subjects, input)),
  };
}

function experimentFacts(input: DiagnosisInput): ExperimentFacts {
  const { plan, choice, judgement, clearMs } = input;
  const fault = plan.natural?.what ?? choice.fault.kind;
  return {
    fault,
    asked: !UNASKED.includes(fault),
    sham: plan.sham,
    learning: judgement.learning,
    cleared: clearMs !== null,
    observed: formatDuration(observedMs(input)),
  };
}

/** No more than was judged, however late the diagnosis came. */
function observedMs({ plan, t0Ms, clearMs, extendedMs = 0, after }: DiagnosisInput): number {
  const sinceMs = after.takenAtMs - t0Ms;
  if (clearMs === null) return sinceMs;
  return Math.min(sinceMs, clearMs - t0Ms + plan.geometry.graceMs + plan.geometry.lateMs + extendedMs);
}

function subjectOf(workload: Workload, input: DiagnosisInput, calls: readonly WorkloadCall[]): WorkloadSubject {
  const facts = workloadFacts(workload, input, calls);
  const { kind, namespace, name } = workload;
  const judged = workload.services.find((id) => input.judgement.verdicts.some(({ service }) => service === id));
  return { ref: { kind, namespace, name }, service: judged ?? workload.services[0] ?? null, facts };
}

function pairOf(call: WorkloadCall, subjects: ReadonlyMap<string, WorkloadSubject>, input: DiagnosisInput): Pair[] {
  const { choice, before, after } = input;
  const dependant = subjects.get(workloadKey(call.caller));
  const dependency = subjects.get(workloadKey(call.callee));
  if (dependant === undefined || dependency === undefined) return [];
  const hit = choice.target.pods;
  const pods = podsOf(call.callee, before, after);
  const dependantOlder = startedBefore(
    podsOf(call.caller, before, after).after,
    replacementsIn(hit, pods),
    restartedIn(hit, pods),
  );
  const { service, protocol, perSecond } = call;
  const services = [...call.caller.services, ...call.callee.services];
  const failedBeyondLost = failedBeyond(dependency.facts, services, input);
  const edge = { service, protocol, perSecond, dependantOlder, failedBeyondLost, ...callFacts(call, input) };
  return [{ dependant, dependency, edge }];
}

/** Two services or protocols between the same workloads are one pair: the busier one speaks. */
function strongestPerPair(calls: readonly WorkloadCall[]): WorkloadCall[] {
  const byPair = new Map<string, WorkloadCall>();
  for (const call of calls) {
    const key = `${workloadKey(call.caller)} → ${workloadKey(call.callee)}`;
    const known = byPair.get(key);
    if (known === undefined || call.perSecond > known.perSecond) byPair.set(key, call);
  }
  return [...byPair.values()];
}
