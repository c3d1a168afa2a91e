import type { RiskRule } from "../../core/diagnose/risks/rule.ts";
import { type Repeat, repeatFor } from "../../core/experiment/repeats.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { Choice, ExperimentPlan, ExperimentState } from "../../core/model/experiment.ts";
import type { Policy } from "../../core/model/policy.ts";
import { DAY_MS } from "../../core/model/units.ts";
import { randomFrom } from "../../core/random.ts";
import { type Chosen, chooseTarget } from "../../core/targeting/choose.ts";
import type { RoutesReader } from "../../ports/routes.ts";
import { untestedWorkloads } from "../diagnose/find-risks.ts";
import { type InjectDeps, inject } from "../inject/inject.ts";
import { type Closed, firstClosed, firstClosedOfAll } from "../preflight/gate.ts";
import { type Around, type FactsDeps, gatherFacts, readPast } from "../preflight/gather-facts.ts";
import { routesOf } from "../preflight/http-route-facts.ts";
import { LOOK_HOLDS_MS, lastLook } from "../preflight/last-look.ts";
import { lastLookGates, slowGates } from "../preflight/preflight.ts";
import { snapshotAround } from "../preflight/snapshot-around.ts";
import { record } from "../records/append-event.ts";
import type { Archive } from "../records/archive.ts";

const EDGES_REACH_MS = DAY_MS;

export interface PrepareDeps extends InjectDeps, FactsDeps {
  readonly archive: Archive;
  readonly riskRules: readonly RiskRule[];
  /** Asked for policies with faults of HTTP; absent: only the injection itself tells. */
  readonly routes?: RoutesReader;
}

/**
 * Chooses a target, asks every gate, and injects; or writes down why not.
 * @param cut aborts when a halt is seen: until the call goes out everything is given up then
 */
export async function prepare(
  deps: PrepareDeps,
  id: string,
  planned: ExperimentState,
  cut: AbortSignal,
  signal: AbortSignal,
): Promise<ExperimentState> {
  const { plan } = planned;
  if (plan === null) throw new RangeError("an experiment without a plan cannot be prepared");
  const preparing = AbortSignal.any([signal, cut]);
  const refuse = (state: ExperimentState, closed: Closed) =>
    record(deps, id, state, {
      kind: "refused",
      ...(cut.aborted ? { gate: "halt", why: describeError(cut.reason) } : closed),
    });
  const policy = deps.policyOf(plan);
  if (policy === null)
    return refuse(planned, { gate: "policy", why: `the configuration has no policy "${plan.policy}" any more` });

  const context = await lookAround(deps, policy, preparing).catch(blind);
  if ("gate" in context) return refuse(planned, context);
  const { snapshot, past, edges, whyNotRouted } = context;

  const { protectedNamespaces } = deps.settings();
  const untested = untestedWorkloads(deps, context);
  const facts = { past, protectedNamespaces, untested, ...(whyNotRouted === undefined ? {} : { whyNotRouted }) };
  const choose = (only: Repeat | null) => chooseTarget(policy, snapshot, facts, randomFrom(plan.seed), only);
  const repeat = repeatFor(plan, policy, context.states);
  const again = repeat === null ? null : confirming(choose(repeat), repeat);
  const chosen = again ?? choose(null);
  if ("none" in chosen) return refuse(planned, { gate: "target", why: chosen.none });
  const state = await record(deps, id, planned, { kind: "chosen", choice: chosen.choice });

  const closed = await firstOfAll(deps, { plan, policy, choice: chosen.choice, context }, preparing);
  if (closed !== null) return refuse(state, closed);
  const look = lastLook(deps, plan, chosen.choice, context);
  const [next] = await Promise.all([
    inject(deps, id, state, { look, cut }, signal),
    deps.archive.keepSnapshot(id, "before", snapshot),
    deps.archive.keepEdges(id, edges),
  ]);
  return next;
}

interface Asked {
  readonly plan: ExperimentPlan;
  readonly policy: Policy;
  readonly choice: Choice;
  readonly context: Around;
}

/**
 * The first gate of all that is closed, on what was read before the choice; a journal that cannot
 * be read closes, too. The lease is asked by the look that follows.
 */
async function firstOfAll(
  deps: PrepareDeps,
  { plan, policy, choice, context }: Asked,
  signal: AbortSignal,
): Promise<Closed | null> {
  try {
    const seen = { ...context, freshSinceMs: deps.clock.realMs() - LOOK_HOLDS_MS };
    const facts = await gatherFacts(deps, plan, policy, choice, seen);
    return (await firstClosed(lastLookGates(facts), signal)) ?? (await firstClosedOfAll(slowGates(facts), signal));
  } catch (cause) {
    return { gate: "journal", why: `cannot tell: ${describeError(cause)}` };
  }
}

/**
 * A choice that says what it repeats; null when the workload may not be hit so now: then the slot
 * is used for another one.
 */
const confirming = (chosen: Chosen, { of, why }: Repeat): Chosen | null =>
  "none" in chosen ? null : { choice: { ...chosen.choice, confirms: { of, why } } };

/** Who could not be read: nothing is chosen without a fresh look at both. */
function blind(cause: unknown): Closed {
  const metrics = hasCode(cause, "source-unavailable") || hasCode(cause, "source-refused");
  return { gate: metrics ? "metrics" : "cluster", why: `cannot tell: ${describeError(cause)}` };
}

/**
 * Fresh lists of the policy's namespaces and of those that call into them, and what was done
 * before.
 */
async function lookAround(deps: PrepareDeps, policy: Policy, signal: AbortSignal): Promise<Around> {
  const nowMs = deps.clock.nowMs();
  const edges = await deps.metrics.edges({ fromMs: nowMs - EDGES_REACH_MS, toMs: nowMs }, signal);
  const snapshot = await snapshotAround(deps.cluster, policy.target.namespaces, edges, signal);
  const [past, routed] = await Promise.all([
    readPast(deps.book, nowMs),
    routesOf(deps.routes, policy, snapshot, signal),
  ]);
  return { snapshot, ...past, edges, ...routed };
}
