import { type ClusterSnapshot, type PodRef, type WorkloadRef, workloadKey } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { Choice, ExperimentPlan } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { type Closed, firstClosed } from "./gate.ts";
import { type Around, type FactsDeps, gatherFacts } from "./gather-facts.ts";
import { lastLookGates } from "./preflight.ts";

/**
 * What was seen is believed for this long, ms of real time, counted from before the first question
 * was sent.
 */
export const LOOK_HOLDS_MS = 2 * SECOND_MS;
/** Looks that took too long before it is given up. */
const MAX_LOOKS = 3;

/**
 * What the last look found: a closed gate, or the target's pods with the versions that were seen.
 */
export type Looked =
  | { readonly closed: Closed }
  | {
      readonly pods: readonly PodRef[];
      /** By the real counter, before anything was asked. */
      readonly askedAtMs: number;
    };

/**
 * What is asked of the lease at the same time as the cluster; answers why the gate `lease` is
 * closed, or null.
 */
export type Besides = () => Promise<string | null>;

/** Asks all gates that can be asked in a moment, on facts that are read now. */
export type LastLook = (signal: AbortSignal, besides: Besides) => Promise<Looked>;

/**
 * The look just before an intent is written, and again before the call. Journal and cluster are
 * read again, the latter in one small set of requests about the target alone, all at once;
 * configuration, calendar and clock are what they are now. An answer that took longer than
 * `LOOK_HOLDS_MS` is asked for again. `besides` is done at the same time, each time: what it
 * rejects with closes the gate `lease`, too. The lease's answer also tells whether a halt stands.
 */
export function lastLook(deps: FactsDeps, plan: ExperimentPlan, choice: Choice, around: Around): LastLook {
  let earlier = around.snapshot;
  return async (signal, besides) => {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const askedAtMs = deps.clock.realMs();
      const looked = await lookOnce(deps, { plan, choice, around, earlier, askedAtMs }, besides, signal);
      if ("closed" in looked) return looked;
      earlier = looked.fresh;
      if (deps.clock.realMs() - askedAtMs <= LOOK_HOLDS_MS) return { pods: looked.pods, askedAtMs };
    }
    const why = `cannot tell: ${MAX_LOOKS} looks took longer than ${LOOK_HOLDS_MS / SECOND_MS} s each; ask why the API server or the storage is slow`;
    return { closed: { gate: "last-look", why } };
  };
}

interface LookedAt {
  readonly plan: ExperimentPlan;
  readonly choice: Choice;
  readonly around: Around;
  /** What the cluster answered last, from which this look goes on. */
  readonly earlier: ClusterSnapshot;
  readonly askedAtMs: number;
}

async function lookOnce(
  deps: FactsDeps,
  { plan, choice, around, earlier, askedAtMs }: LookedAt,
  besides: Besides,
  signal: AbortSignal,
): Promise<{ readonly closed: Closed } | { readonly pods: readonly PodRef[]; readonly fresh: ClusterSnapshot }> {
  const touched = touchedBy(choice, around.snapshot);
  const failed = (gate: string) => (cause: unknown) => ({
    closed: { gate, why: `cannot tell: ${describeError(cause)}` },
  });
  const [fresh, done] = await Promise.all([
    deps.cluster.lookAgain(touched, signal, earlier).catch(failed("cluster")),
    besides().then((why) => (why === null ? null : { closed: { gate: "lease", why } }), failed("lease")),
  ]);
  if (done !== null) return done;
  if ("closed" in fresh) return fresh;
  const policy = deps.policyOf(plan);
  if (policy === null)
    return { closed: { gate: "policy", why: `policy "${plan.policy}" was removed while the gates were asked` } };
  const snapshot = refreshed(around.snapshot, fresh, touched);
  const seen = { ...around, snapshot, freshSinceMs: askedAtMs };
  const facts = await gatherFacts(deps, plan, policy, choice, seen).catch(failed("journal"));
  if ("closed" in facts) return facts;
  const closed = await firstClosed(lastLookGates(facts), signal);
  return closed === null ? { pods: choice.target.pods.map((pod) => asSeen(pod, fresh)), fresh } : { closed };
}

/** The workload of the target, and those that lose a pod with it. */
function touchedBy({ target }: Choice, { pods }: ClusterSnapshot): readonly WorkloadRef[] {
  const uids = new Set(target.pods.map((pod) => pod.uid));
  const all = [target.workload, ...pods.filter((pod) => uids.has(pod.uid)).map((pod) => pod.workload)];
  return [...new Map(all.map((one) => [workloadKey(one), one])).values()];
}

/** The older look with what was looked at again in its place. Nodes are not asked for again. */
function refreshed(before: ClusterSnapshot, now: ClusterSnapshot, touched: readonly WorkloadRef[]): ClusterSnapshot {
  const keys = new Set(touched.map(workloadKey));
  const seen = new Set(now.pods.map((pod) => pod.uid));
  const names = new Set(touched.map((one) => one.namespace));
  return {
    ...before,
    takenAtMs: now.takenAtMs,
    ...(now.unread === undefined ? {} : { unread: { ...before.unread, ...now.unread } }),
    namespaces: [...before.namespaces.filter((one) => !names.has(one.name)), ...now.namespaces],
    workloads: [...before.workloads.filter((one) => !keys.has(workloadKey(one))), ...now.workloads],
    pods: [...before.pods.filter((pod) => !keys.has(workloadKey(pod.workload)) && !seen.has(pod.uid)), ...now.pods],
  };
}

function asSeen({ namespace, name, uid }: PodRef, { pods }: ClusterSnapshot): PodRef {
  const resourceVersion = pods.find((pod) => pod.uid === uid)?.resourceVersion;
  return { namespace, name, uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}
