import { type Probe, type ServiceId, type Workload, workloadKey } from "../model/cluster.ts";
import { worstFirst } from "../model/degraded.ts";
import { SECOND_MS } from "../model/units.ts";
import { isDegraded, type Judgement, type SignalVerdict, worstVerdict } from "../model/verdict.ts";
import { formatDuration } from "../text/format.ts";
import { whatHappened } from "../text/impact.ts";
import { crashesOf } from "./crashes.ts";
import type { WorkloadFacts } from "./facts.ts";
import { dependantsOf, type WorkloadCall } from "./graph.ts";
import type { DiagnosisInput } from "./input.ts";
import { isOverloaded } from "./overload.ts";
import {
  allReady,
  areUnchanged,
  isReplaced,
  othersReady,
  podsOf,
  readyAfterMs,
  readySince,
  replacementsIn,
  restartedIn,
} from "./pods.ts";

/**
 * Facts of one workload: what it is, what happened to its pods, what its services did, and who
 * depends on it.
 */
export function workloadFacts(
  workload: Workload,
  input: DiagnosisInput,
  calls: readonly WorkloadCall[],
): WorkloadFacts {
  const pods = podFacts(workload, input);
  return {
    kind: workload.kind,
    namespace: workload.namespace,
    name: workload.name,
    services: workload.services,
    restartable: ["Deployment", "StatefulSet", "DaemonSet"].includes(workload.kind),
    replicas: workload.replicas,
    readinessProbes: probeTexts(workload.probes, "readiness"),
    livenessProbes: probeTexts(workload.probes, "liveness"),
    disruptionBudgets: workload.budgets.length,
    preStop: workload.design?.preStop === undefined ? "unknown" : workload.design.preStop ? "some" : "none",
    ...pods,
    ...placeFacts(workload, input),
    ...verdictFacts(workload, input, pods.readyAfterSeconds),
    ...callFacts(workload, input, calls),
  };
}

function podFacts(workload: Workload, input: DiagnosisInput) {
  const { choice, before, after, t0Ms } = input;
  const pods = podsOf(workload, before, after);
  const hitPods = choice.target.pods.filter(({ uid }) => pods.before.some((pod) => pod.uid === uid));
  const readyMs = readyAfterMs(replacementsIn(hitPods, pods), t0Ms);
  return {
    hit: hitPods.length > 0 || workloadKey(choice.target.workload) === workloadKey(workload),
    podsHit: hitPods.length,
    replaced: isReplaced(hitPods, pods, workload.replicas),
    restarted: restartedIn(hitPods, pods).length > 0,
    podsReady: allReady(pods.after, workload.replicas),
    podsUnchanged: areUnchanged(pods),
    readyThroughout: readySince(pods.after, t0Ms),
    othersReady: othersReady(hitPods, pods, t0Ms),
    crashes: crashesOf(pods, input),
    overloaded: isOverloaded(workload.services, readyMs, input),
    readyAfterSeconds: readyMs === null ? -1 : Math.round(readyMs / SECOND_MS),
    readyAfter: readyMs === null ? "" : formatDuration(readyMs),
  };
}

function placeFacts(workload: Workload, { before, after }: DiagnosisInput) {
  const zoneOf = new Map(before.nodes.map(({ name, zone }) => [name, zone]));
  const nodes = podsOf(workload, before, after).before.flatMap(({ node }) => node ?? []);
  const usable = before.nodes.filter(({ ready, schedulable }) => ready && schedulable);
  return {
    nodes: distinct(nodes),
    zones: distinct(nodes.flatMap((node) => zoneOf.get(node) ?? [])),
    clusterNodes: usable.length,
    clusterZones: distinct(usable.flatMap(({ zone }) => zone ?? [])).length,
  };
}

function verdictFacts(workload: Workload, { judgement }: DiagnosisInput, readyAfterSeconds: number) {
  const mine = worstFirst(judgement.verdicts.filter(({ service }) => workload.services.includes(service)));
  const failing = mine.filter(isAboutFailures);
  const slow = mine.filter(({ signal }) => signal === "latency");
  const worst = mine[0];
  return {
    failures: worstOf(failing),
    verdict: worstOf(mine),
    degraded: mine.some(({ verdict }) => isDegraded(verdict.kind)),
    latency: worstOf(slow),
    slowness: slow[0] !== undefined && isDegraded(slow[0].verdict.kind) ? whatHappened(slow[0]) : "",
    impact: worst !== undefined && isDegraded(worst.verdict.kind) ? whatHappened(worst) : "",
    brokenOff: brokenOff(workload.services, judgement),
    excessFailures: Math.round(Math.max(0, ...failing.map(({ effect }) => effect?.excess ?? 0))),
    failedAfterReadySeconds: failedAfterReady(failing, readyAfterSeconds),
    recoveredAfter: recoveryText(worst),
  };
}

/** At other times there are a few at most: a fifth of all. */
const MOST_OTHERWISE = 0.25;

function brokenOff(services: readonly ServiceId[], { resets = [] }: Pick<Judgement, "resets">): number {
  const mine = resets.filter(
    ({ service, ending, otherwise }) => services.includes(service) && otherwise <= MOST_OTHERWISE * ending,
  );
  return Math.round(Math.max(0, ...mine.map(({ ending }) => ending)));
}

const isAboutFailures = ({ signal }: SignalVerdict): boolean => signal === "failures" || signal === "connections";
const worstOf = (verdicts: readonly SignalVerdict[]): string =>
  verdicts.length === 0 ? "none" : worstVerdict(verdicts.map(({ verdict }) => verdict.kind));

const recoveryText = (worst: SignalVerdict | undefined): string =>
  worst !== undefined && "recoveredAfterMs" in worst.verdict
    ? formatDuration(worst.verdict.recoveredAfterMs.point)
    : "";

/**
 * Taken from the lower bound of the recovery: only what surely came after the replacement was
 * Ready.
 */
function failedAfterReady(failing: readonly SignalVerdict[], readyAfterSeconds: number): number {
  if (readyAfterSeconds < 0) return 0;
  const lowsMs = failing.flatMap(({ verdict }) => ("recoveredAfterMs" in verdict ? verdict.recoveredAfterMs.low : []));
  return Math.max(0, Math.round(Math.max(0, ...lowsMs) / SECOND_MS) - readyAfterSeconds);
}

function callFacts(workload: Workload, input: DiagnosisInput, calls: readonly WorkloadCall[]) {
  const { judgement, choice } = input;
  const hit = new Set(choice.target.services);
  const failing = new Set(
    judgement.verdicts.filter((v) => isAboutFailures(v) && isDegraded(v.verdict.kind)).map(({ service }) => service),
  );
  const degraded = new Set(
    judgement.verdicts.filter((v) => isDegraded(v.verdict.kind) && !v.starved).map(({ service }) => service),
  );
  const callees = calls.filter(({ caller }) => workloadKey(caller) === workloadKey(workload));
  const failingCallees = distinct(callees.map(({ service }) => service).filter((s) => failing.has(s) && !hit.has(s)));
  const upstream = dependantsOf(workload, calls);
  const dependants = calls.filter(({ caller }) => upstream.has(workloadKey(caller))).map(({ caller }) => caller);
  return {
    callees: distinct(callees.map(({ service }) => service)),
    failingCallees,
    waitedFor: isOneOf(workload.services, judgement.origin) ? [] : waitedFor(callees, degraded, input),
    began: failingCallees.length === 0 || isOneOf(workload.services, judgement.origin),
    degradedDependants: distinct(dependants.flatMap(({ services }) => services).filter((s) => degraded.has(s))),
  };
}

/** Services called that got worse themselves, or lost every pod at the same time. */
function waitedFor(
  callees: readonly WorkloadCall[],
  degraded: ReadonlySet<string>,
  { choice, before }: DiagnosisInput,
) {
  const hit = new Set(choice.target.pods.map(({ uid }) => uid));
  const isGone = ({ callee }: WorkloadCall): boolean => {
    const pods = before.pods.filter((pod) => workloadKey(pod.workload) === workloadKey(callee));
    return pods.length > 0 && pods.every(({ uid }) => hit.has(uid));
  };
  return distinct(callees.filter((call) => degraded.has(call.service) || isGone(call)).map(({ service }) => service));
}

const isOneOf = (services: readonly ServiceId[], id: ServiceId | null): boolean => id !== null && services.includes(id);
const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** `GET /healthz`, `TCP connect`, `exec`, `gRPC`: each once. */
export function probeTexts(probes: readonly Probe[], kind: Probe["kind"]): string[] {
  return distinct(probes.filter((probe) => probe.kind === kind).map(probeText));
}

function probeText({ handler, path }: Probe): string {
  switch (handler) {
    case "httpGet":
      return `GET ${path ?? "/"}`;
    case "tcpSocket":
      return "TCP connect";
    case "exec":
      return "exec";
    case "grpc":
      return "gRPC";
  }
}
