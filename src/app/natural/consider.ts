import type { PodLoss } from "../../core/experiment/loss.ts";
import { NATURAL_COOLDOWN_MS, unwanted, whyNotTakenUp } from "../../core/experiment/natural.ts";
import { knownPods } from "../../core/experiment/newcomers.ts";
import {
  hitOf,
  lostNodes,
  MAX_PODS,
  NODE_SILENCE_MS,
  type NodeLoss,
  type SeenSignal,
} from "../../core/experiment/node-loss.ts";
import { type Pod, workloadName } from "../../core/model/cluster.ts";
import type { Choice, ExperimentPlan, ExperimentState, NaturalCause } from "../../core/model/experiment.ts";
import type { LostPods, Target } from "../../core/model/fault.ts";
import { DAY_MS, MINUTE_MS } from "../../core/model/units.ts";
import { seedOf } from "../../core/random.ts";
import { slotId } from "../../core/schedule/slots.ts";
import { counted } from "../../core/text/format.ts";
import type { LogFields } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { AdvanceDeps } from "../experiment/advance.ts";
import { keepBefore } from "../experiment/keep-before-natural-failure.ts";
import { planExperiment, planOf } from "../experiment/plan.ts";
import { keyOf } from "../schedule/wake-ups.ts";
import type { Noticed } from "./collect-signals.ts";

/** Name under which natural experiments are planned, for lack of a policy. */
const NATURAL = "natural";

export interface ConsiderDeps extends AdvanceDeps {
  readonly queue: Queue;
}

/**
 * Makes experiments of what was noticed together: one of all nodes that died, else one of all pods
 * that were lost at once. One cause is one experiment, and so one message.
 */
export async function considerAll(deps: ConsiderDeps, { signals, known }: Noticed, signal: AbortSignal): Promise<void> {
  const { nodes } = await deps.cluster.snapshot([], signal);
  const dead = lostNodes(signals, nodes);
  if (dead.length > 0) await considerNodes(deps, dead, known, signal);
  const gone = new Set(dead.map((one) => one.node));
  const single = signals.filter(({ pod }) => !gone.has(pod.node ?? "")).filter(isLoss);
  await considerPods(deps, [...new Map(single.map((one) => [one.pod.uid, one])).values()], known, signal);
}

type SeenLoss = SeenSignal & PodLoss;

const isLoss = (one: SeenSignal): one is SeenLoss => one.what !== "unready";

/** Makes one experiment of all nodes that were lost at once, and of everything on them. */
async function considerNodes(
  deps: ConsiderDeps,
  dead: readonly NodeLoss[],
  known: readonly Pod[],
  signal: AbortSignal,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const past = await pastOf(deps, nowMs);
  const pods = dead.flatMap((loss) => loss.pods).slice(0, MAX_PODS);
  const nodes = dead.map((loss) => loss.node);
  const hit = hitOf(pods, nodes, await deps.cluster.snapshot(namespacesIn(pods), signal));
  const reasons = (hit?.lost ?? []).map(({ workload }) =>
    whyNotTakenUp({ pod: { namespace: workload.namespace, workload } }, past, nowMs),
  );
  const facts = { node: nodes.join(", "), pods: pods.length };
  if (hit === null || !reasons.includes(null)) {
    deps.log.info("a lost node is no experiment", { ...facts, why: reasons[0] ?? "nothing that it held is missed" });
    return;
  }
  const { target, lost } = hit;
  const [first = ""] = nodes;
  const were =
    nodes.length === 1 ? `node ${first} was lost, and with it` : `nodes ${nodes.join(", ")} were lost, and with them`;
  const atMs = Math.min(...dead.map((loss) => loss.atMs));
  const id = naturalId(`node-${first}`, atMs);
  const cause: NaturalCause = {
    what: "node-lost",
    t0Ms: atMs - NODE_SILENCE_MS,
    choice: choiceOf(target, `${were} ${podsOfEach(lost)}`),
    lost,
    ...(nodes.length === 1 ? {} : { nodes }),
  };
  await keepBefore(deps, id, cause, known, signal);
  await begin(deps, naturalPlan(deps, id, cause), facts);
}

const namespacesIn = (pods: readonly Pod[]): readonly string[] =>
  [...new Set(pods.map((pod) => pod.namespace))].toSorted();

/** `2 pods of go-app/go-app, 1 pod of go-app/repeater`. */
const podsOfEach = (lost: readonly LostPods[]): string =>
  lost.map(({ workload, pods }) => `${counted(pods.length, "pod")} of ${workloadName(workload)}`).join(", ");

/**
 * Makes one experiment of all pods that were lost at once, but those whose loss was wanted, is
 * ours, or comes too soon after another. One look answers for all of them: a namespace that is
 * rolled out loses a pod of each workload.
 * @param known what was known of all pods before
 */
async function considerPods(
  deps: ConsiderDeps,
  losses: readonly SeenLoss[],
  known: readonly Pod[],
  signal: AbortSignal,
): Promise<void> {
  if (losses.length === 0) return;
  const nowMs = deps.clock.nowMs();
  const past = await pastOf(deps, nowMs);
  const open = losses.filter((loss) => heeded(deps, loss, whyNotTakenUp(loss, past, nowMs)));
  if (open.length === 0) return;
  const looked = open.slice(0, MAX_PODS);
  if (open.length > MAX_PODS) deps.log.warn("too many losses at once to look at each", { losses: open.length });
  const snapshot = await deps.cluster.snapshot(namespacesIn(looked.map(({ pod }) => pod)), signal);
  const missed = looked.filter((loss) => {
    const found = unwanted(loss, snapshot, loss.atMs, knownPods({ pods: known }, [loss.pod]));
    return heeded(deps, loss, typeof found === "string" ? found : null);
  });
  const hit = hitOf(
    missed.map(({ pod }) => pod),
    [],
    snapshot,
  );
  if (hit === null) return;
  const { target, lost } = hit;
  const t0Ms = Math.min(...missed.map(({ atMs }) => atMs));
  const ways = Map.groupBy(missed, ({ what }) => what);
  const [what = "deleted"] = [...ways.keys()].toSorted(
    (a, b) => (ways.get(b)?.length ?? 0) - (ways.get(a)?.length ?? 0),
  );
  const names = missed.map((loss) => `${loss.pod.name} (${loss.what})`).join(", ");
  const drawn =
    missed.length === 1
      ? `${workloadName(target.workload)} lost pod ${names}`
      : `${podsOfEach(lost)} were lost at once: ${names}`;
  const id = naturalId(`${target.workload.namespace}-${target.workload.name}`, t0Ms);
  const cause: NaturalCause = {
    what,
    t0Ms,
    choice: choiceOf(target, drawn),
    ...(missed.length === 1 ? {} : { lost, mixed: ways.size > 1 }),
  };
  await keepBefore(deps, id, cause, known, signal);
  await begin(deps, naturalPlan(deps, id, cause), { pods: names, what });
}

/** True without a reason to pass a loss over; the reason is logged. */
function heeded({ log }: ConsiderDeps, { pod, what }: PodLoss, why: string | null): boolean {
  if (why !== null) log.debug("a lost pod is no experiment", { pod: pod.name, what, why });
  return why === null;
}

/** Experiments of the last day, and those that are open. */
const pastOf = async ({ book }: ConsiderDeps, nowMs: number): Promise<readonly ExperimentState[]> => [
  ...(await book.between(nowMs - DAY_MS, nowMs + 1)),
  ...(await book.open()),
];

async function begin(deps: ConsiderDeps, plan: ExperimentPlan, facts: LogFields): Promise<void> {
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

function naturalPlan(deps: ConsiderDeps, id: string, natural: NaturalCause): ExperimentPlan {
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
