import type { PodLoss } from "../../core/experiment/loss.ts";
import { NATURAL_COOLDOWN_MS, unwanted, whyNotTakenUp } from "../../core/experiment/natural.ts";
import { lostNodes, NODE_SILENCE_MS, type NodeLoss, nodeHit } from "../../core/experiment/node-loss.ts";
import { type ClusterSnapshot, type Pod, workloadKey, workloadName } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { Choice, ExperimentPlan, ExperimentState, NaturalCause } from "../../core/model/experiment.ts";
import type { Target } from "../../core/model/fault.ts";
import { DAY_MS, MINUTE_MS } from "../../core/model/units.ts";
import { seedOf } from "../../core/random.ts";
import { slotId } from "../../core/schedule/slots.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import { counted } from "../../core/text/format.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { LogFields } from "../../ports/log.ts";
import type { PodWatch } from "../../ports/pod-watch.ts";
import type { Queue } from "../../ports/queue.ts";
import type { AdvanceDeps } from "../experiment/advance.ts";
import { keepBefore } from "../experiment/keep-before.ts";
import { planExperiment, planOf } from "../experiment/plan.ts";
import { namespacesOf } from "../preflight/snapshot-around.ts";
import { keyOf } from "../schedule/wake-ups.ts";
import { collectSignals, type Noticed } from "./collect-signals.ts";

/** Namespaces come and go, and so do policies: what is followed is looked at this often. */
const LOOK_EVERY_MS = 5 * MINUTE_MS;
/**
 * Nodes, and workloads, whose losses are looked at when many are lost at once: one becomes an
 * experiment, and of the others there will be none.
 */
const MAX_AT_ONCE = 20;
/** Name under which natural experiments are planned, for lack of a policy. */
const NATURAL = "natural";

export interface WatchLossesDeps extends AdvanceDeps {
  readonly podWatch: PodWatch;
  readonly queue: Queue;
}

/**
 * Takes up what happens by itself in the namespaces of the policies, in every mode, until `signal`
 * aborts. Never rejects.
 */
export async function watchLosses(deps: WatchLossesDeps, signal: AbortSignal): Promise<void> {
  let following: { readonly names: string; readonly stop: AbortController; readonly ended: Promise<void> } | null =
    null;
  const collector = collectSignals(deps, (noticed) => considerAll(deps, noticed, signal), signal);
  while (!signal.aborted) {
    const names = await watchedNamespaces(deps, signal).catch((cause: unknown) => {
      if (!signal.aborted) deps.log.warn("cannot tell which namespaces to follow", { why: describeError(cause) });
      return null;
    });
    if (names !== null && following?.names !== names.join()) {
      following?.stop.abort();
      const stop = new AbortController();
      const ended = deps.podWatch.follow(names, collector.add, AbortSignal.any([signal, stop.signal]));
      following = { names: names.join(), stop, ended };
    }
    await deps.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  await following?.ended;
  await collector.idle();
}

/**
 * Those that policies reach, by the same rule as targets: a protected one only by its full name.
 */
async function watchedNamespaces(deps: WatchLossesDeps, signal: AbortSignal): Promise<readonly string[]> {
  const { policies, protectedNamespaces } = deps.settings();
  const patterns = policies.flatMap((policy) => policy.target.namespaces);
  const found = await namespacesOf(deps.cluster, patterns, [], signal);
  const shielded = (name: string) => protectedNamespaces.some((pattern) => matchesPattern(pattern, name));
  return found.filter((name) => patterns.includes(name) || !shielded(name)).toSorted();
}

/**
 * Makes experiments of what was noticed together: one for a node that died, else at most one for
 * each workload that lost a pod.
 */
export async function considerAll(
  deps: WatchLossesDeps,
  { signals, known }: Noticed,
  signal: AbortSignal,
): Promise<void> {
  const { nodes } = await deps.cluster.snapshot([], signal);
  const dead = lostNodes(signals, nodes);
  for (const loss of dead.slice(0, MAX_AT_ONCE)) await considerNode(deps, loss, known, signal);
  const gone = new Set(dead.map((one) => one.node));
  const single = signals.filter(({ what, pod }) => what !== "unready" && !gone.has(pod.node ?? ""));
  const oneEach = [...new Map(single.map((one) => [workloadKey(one.pod.workload), one])).values()];
  if (oneEach.length > MAX_AT_ONCE)
    deps.log.warn("too many losses at once to look at each", { losses: single.length, workloads: oneEach.length });
  for (const here of Map.groupBy(oneEach.slice(0, MAX_AT_ONCE), ({ pod }) => pod.namespace).values()) {
    const once = { ...deps, cluster: lookOnce(deps.cluster) };
    for (const { what, pod, atMs } of here)
      if (what !== "unready") await consider(once, { what, pod }, signal, { lostMs: atMs, known });
  }
}

/**
 * A namespace that is rolled out loses a pod of each workload at once: one look answers for all of
 * them.
 */
function lookOnce(cluster: ClusterReader): ClusterReader {
  const looks = new Map<string, Promise<ClusterSnapshot>>();
  return {
    ...cluster,
    snapshot(namespaces, signal) {
      const key = namespaces.join();
      const look = looks.get(key) ?? cluster.snapshot(namespaces, signal);
      looks.set(key, look);
      return look;
    },
  };
}

/** Makes one experiment of a node and everything that it took with it. */
async function considerNode(
  deps: WatchLossesDeps,
  loss: NodeLoss,
  known: readonly Pod[],
  signal: AbortSignal,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const past = await pastOf(deps, nowMs);
  const namespaces = [...new Set(loss.pods.map((pod) => pod.namespace))];
  const hit = nodeHit(loss, await deps.cluster.snapshot(namespaces, signal));
  const reasons = (hit?.lost ?? []).map(({ workload }) =>
    whyNotTakenUp({ pod: { namespace: workload.namespace, workload } }, past, nowMs),
  );
  const facts = { node: loss.node, pods: loss.pods.length };
  if (hit === null || !reasons.includes(null)) {
    deps.log.info("a lost node is no experiment", { ...facts, why: reasons[0] ?? "nothing that it held is missed" });
    return;
  }
  const { target, lost } = hit;
  const workloads = lost.map(({ workload, pods }) => `${counted(pods.length, "pod")} of ${workloadName(workload)}`);
  const drawn = `node ${loss.node} was lost, and with it ${workloads.join(", ")}`;
  const t0Ms = loss.atMs - NODE_SILENCE_MS;
  const id = naturalId(`node-${loss.node}`, loss.atMs);
  const cause = { what: "node-lost" as const, t0Ms, choice: choiceOf(target, drawn), lost };
  await keepBefore(deps, id, cause, known, signal);
  await begin(deps, naturalPlan(deps, id, cause), facts);
}

/**
 * Makes an experiment of a loss, unless it was wanted, is ours, or comes too soon after another.
 * `lostMs`: when it was noticed; `known`: what was known of all pods before.
 */
export async function consider(
  deps: WatchLossesDeps,
  loss: PodLoss,
  signal: AbortSignal,
  { lostMs, known }: { readonly lostMs: number; readonly known: readonly Pod[] },
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const why = whyNotTakenUp(loss, await pastOf(deps, nowMs), nowMs);
  if (why !== null) return passOver(deps, loss, why);
  const { pod, what } = loss;
  const { namespace, name, uid, node } = pod;
  const found = unwanted(loss, await deps.cluster.snapshot([namespace], signal), lostMs);
  if (typeof found === "string") return passOver(deps, loss, found);

  const { workload } = pod;
  const target = { workload, services: found.services, pods: [{ namespace, name, uid }], node, zone: null };
  const choice = choiceOf(target, `${workloadName(workload)} lost pod ${name} (${what})`);
  const id = naturalId(`${workload.namespace}-${workload.name}`, lostMs);
  const cause = { what, t0Ms: lostMs, choice };
  await keepBefore(deps, id, cause, known, signal);
  await begin(deps, naturalPlan(deps, id, cause), { pod: name, what });
}

/** Experiments of the last day, and those that are open. */
const pastOf = async ({ book }: WatchLossesDeps, nowMs: number): Promise<readonly ExperimentState[]> => [
  ...(await book.between(nowMs - DAY_MS, nowMs + 1)),
  ...(await book.open()),
];

function passOver({ log }: WatchLossesDeps, { pod, what }: PodLoss, why: string): void {
  log.debug("a lost pod is no experiment", { pod: pod.name, what, why });
}

async function begin(deps: WatchLossesDeps, plan: ExperimentPlan, facts: LogFields): Promise<void> {
  await planExperiment(deps, plan);
  deps.log.info("a natural experiment begins", { experiment: plan.id, ...facts });
  await deps.queue.wake(keyOf({ kind: "experiment", id: plan.id }), deps.clock.nowMs());
}

/**
 * The same id in every replica that sees the loss within the same stretch of time: the second finds
 * it planned.
 */
const naturalId = (what: string, atMs: number): string =>
  slotId(`${NATURAL}-${what}`, Math.floor(atMs / NATURAL_COOLDOWN_MS) * NATURAL_COOLDOWN_MS);

const choiceOf = (target: Target, drawn: string): Choice => ({
  target,
  fault: { kind: "pod-delete" },
  eligible: 0,
  ineligible: 0,
  drawn,
});

function naturalPlan(deps: WatchLossesDeps, id: string, natural: NaturalCause): ExperimentPlan {
  const { t0Ms } = natural;
  const slot = {
    id,
    policy: NATURAL,
    slotMs: t0Ms,
    seed: seedOf(id),
    sham: false,
    candidates: { fromMs: t0Ms, toMs: t0Ms + MINUTE_MS, count: 1 },
  };
  return { ...planOf(slot, deps.settings(), false), natural };
}
