import type { PodLoss } from "../core/experiment/loss.ts";
import { NATURAL_COOLDOWN_MS, unwanted, whyNotTakenUp } from "../core/experiment/natural.ts";
import { workloadName } from "../core/model/cluster.ts";
import { describeError } from "../core/model/error.ts";
import type { ExperimentPlan } from "../core/model/experiment.ts";
import { DAY_MS, MINUTE_MS } from "../core/model/units.ts";
import { seedOf } from "../core/random.ts";
import { slotId } from "../core/schedule/slots.ts";
import { matchesPattern } from "../core/targeting/selector.ts";
import type { PodWatch } from "../ports/pod-watch.ts";
import type { Queue } from "../ports/queue.ts";
import type { AdvanceDeps } from "./advance.ts";
import { namespacesOf } from "./namespaces.ts";
import { planExperiment, planOf } from "./plan.ts";
import { keyOf } from "./schedule.ts";

/** Namespaces come and go, and so do policies: what is followed is looked at this often. */
const LOOK_EVERY_MS = 5 * MINUTE_MS;
/** Name under which natural experiments are planned, for lack of a policy. */
const NATURAL = "natural";

export interface WatchLossesDeps extends AdvanceDeps {
  readonly podWatch: PodWatch;
  readonly queue: Queue;
}

/** Takes up what happens by itself in the namespaces of the policies, in every mode, until `signal` aborts. Never rejects. */
export async function watchLosses(deps: WatchLossesDeps, signal: AbortSignal): Promise<void> {
  let following: { readonly names: string; readonly stop: AbortController; readonly ended: Promise<void> } | null =
    null;
  let turn = Promise.resolve();
  const lost = (loss: PodLoss): void => {
    turn = turn
      .then(() => consider(deps, loss, signal))
      .catch((cause: unknown) => {
        if (!signal.aborted)
          deps.log.warn("a lost pod was not looked at", { pod: loss.pod.name, why: describeError(cause) });
      });
  };
  while (!signal.aborted) {
    const names = await watchedNamespaces(deps, signal).catch((cause: unknown) => {
      if (!signal.aborted) deps.log.warn("cannot tell which namespaces to follow", { why: describeError(cause) });
      return null;
    });
    if (names !== null && following?.names !== names.join()) {
      following?.stop.abort();
      const stop = new AbortController();
      const ended = deps.podWatch.follow(names, lost, AbortSignal.any([signal, stop.signal]));
      following = { names: names.join(), stop, ended };
    }
    await deps.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  await following?.ended;
  await turn;
}

/** Those that policies reach, by the same rule as targets: a protected one only by its full name. */
async function watchedNamespaces(deps: WatchLossesDeps, signal: AbortSignal): Promise<readonly string[]> {
  const { policies, protectedNamespaces } = deps.settings();
  const patterns = policies.flatMap((policy) => policy.target.namespaces);
  const found = await namespacesOf(deps.cluster, patterns, [], signal);
  const shielded = (name: string) => protectedNamespaces.some((pattern) => matchesPattern(pattern, name));
  return found.filter((name) => patterns.includes(name) || !shielded(name)).toSorted();
}

/** Makes an experiment of a loss, unless it was wanted, is ours, or comes too soon after another. */
export async function consider(deps: WatchLossesDeps, loss: PodLoss, signal: AbortSignal): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const past = [...(await deps.book.between(nowMs - DAY_MS, nowMs + 1)), ...(await deps.book.open())];
  const why = whyNotTakenUp(loss, past, nowMs);
  if (why !== null) return passOver(deps, loss, why);
  const { namespace } = loss.pod;
  const workload = unwanted(loss, await deps.cluster.snapshot([namespace], signal), nowMs);
  if (typeof workload === "string") return passOver(deps, loss, workload);

  const plan = naturalPlan(deps, loss, workload.services, nowMs);
  await planExperiment(deps, plan);
  deps.log.info("a natural experiment begins", { experiment: plan.id, pod: loss.pod.name, what: loss.what });
  await deps.queue.wake(keyOf({ kind: "experiment", id: plan.id }), nowMs);
}

function passOver({ log }: WatchLossesDeps, { pod, what }: PodLoss, why: string): void {
  log.debug("a lost pod is no experiment", { pod: pod.name, what, why });
}

/** The same id in every replica that sees the loss within the same stretch of time: the second finds it planned. */
function naturalPlan(deps: WatchLossesDeps, loss: PodLoss, services: readonly string[], t0Ms: number): ExperimentPlan {
  const { pod, what } = loss;
  const { workload, namespace, name, uid, node } = pod;
  const stretchMs = Math.floor(t0Ms / NATURAL_COOLDOWN_MS) * NATURAL_COOLDOWN_MS;
  const id = slotId(`${NATURAL}-${workload.namespace}-${workload.name}`, stretchMs);
  const slot = {
    id,
    policy: NATURAL,
    slotMs: t0Ms,
    seed: seedOf(id),
    sham: false,
    candidates: { fromMs: t0Ms, toMs: t0Ms + MINUTE_MS, count: 1 },
  };
  const drawn = `${workloadName(workload)} lost pod ${name} (${what})`;
  const target = { workload, services, pods: [{ namespace, name, uid }], node, zone: null };
  const choice = { target, fault: { kind: "pod-delete" } as const, eligible: 0, ineligible: 0, drawn };
  return { ...planOf(slot, deps.settings(), false), natural: { what, t0Ms, choice } };
}
