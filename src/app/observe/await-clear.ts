import { cameAfter, type KnownPods, readySince } from "../../core/experiment/newcomers.ts";
import { CLEAR_CAP_MS, roundedClearMs } from "../../core/experiment/next.ts";
import { backSinceMs } from "../../core/experiment/node-loss.ts";
import type { Pod } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { LostPods } from "../../core/model/fault.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { randomFrom } from "../../core/random.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import { timeFor } from "../inject/own-time.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import type { Archive } from "../records/archive.ts";
import type { Book } from "../records/experiment-reader.ts";
import { podsBefore } from "./pods-before.ts";

/** Between two looks, at most; a quarter of a step where that is less. */
const LONGEST_WAIT_MS = 5 * SECOND_MS;
/** Past experiments from which a sham draws its gap. */
const GAPS_REACH_MS = 30 * 24 * 3600 * SECOND_MS;

export interface ClearDeps extends RecordDeps {
  readonly cluster: ClusterReader;
  readonly book: Book;
  readonly archive: Archive;
  readonly log: Log;
}

/** The last look that found something missing, of whatever experiment was looked at last. */
const missing = new WeakMap<Clock, { readonly id: string; readonly atMs: number }>();

/** When something of this experiment's target was seen missing last; 0: never. */
function seenMissingMs({ clock }: ClearDeps, { plan }: ExperimentState): number {
  const last = missing.get(clock);
  return last !== undefined && last.id === plan?.id ? last.atMs : 0;
}

/**
 * Looks whether what was hit is whole again (t_clear of design.md §6); answers the state after it,
 * or when to look again.
 */
export async function lookForClear(
  deps: ClearDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const { plan, t0Ms, choice } = state;
  if (plan === null || t0Ms === null || choice === null) throw new RangeError("nothing was injected yet");
  const { stepMs } = plan.geometry;
  const nowMs = timeFor(deps.clock, state);
  const everyMs = Math.min(LONGEST_WAIT_MS, stepMs / 4);

  if (state.injection === "pretended") {
    const gapMs = await drawnGapMs(deps.book, plan.seed, stepMs, plan.slotMs);
    return record(deps, id, state, { kind: "cleared", clearMs: t0Ms + gapMs, how: "drawn" });
  }
  // nothing is replaced by then, and when it was is known to the second later
  if (nowMs < t0Ms + everyMs) return { untilMs: t0Ms + everyMs };
  const standingMs = Math.max(0, (state.undoneMs ?? t0Ms) - t0Ms);
  const lateMs = t0Ms + standingMs + CLEAR_CAP_MS;
  if (nowMs >= lateMs) {
    const why = await whatIsMissing(deps, state, signal).catch(() => null);
    return record(deps, id, state, { kind: "cleared", clearMs: lateMs, how: "late", ...(why === null ? {} : { why }) });
  }
  const wholeSinceMs = await wholeAgainSinceMs(deps, state, signal).catch((cause: unknown) => {
    deps.log.warn("cannot see whether the target is whole again", { experiment: id, why: describeError(cause) });
    return null;
  });
  if (wholeSinceMs === null) {
    missing.set(deps.clock, { id, atMs: nowMs });
    return { untilMs: nowMs + everyMs };
  }
  const clearMs = roundedClearMs(t0Ms, wholeSinceMs, stepMs, standingMs);
  const how =
    "durationMs" in choice.fault ? (choice.fault.kind === "node-drain" ? "uncordoned" : "undone") : "replaced";
  return record(deps, id, state, { kind: "cleared", clearMs, how });
}

/**
 * Since when no pod that was hit is left, a younger one is Ready, and every other pod of the
 * workload is Ready; null: not yet.
 */
async function wholeAgainSinceMs(deps: ClearDeps, state: ExperimentState, signal: AbortSignal): Promise<number | null> {
  const { choice, t0Ms, undoneMs } = state;
  if (choice === null || t0Ms === null) return null;
  if (choice.target.pods.length === 0) return undoneMs;
  const known = await podsBefore(deps.archive, state);
  const lost = state.plan?.natural?.lost ?? choice.target.lost;
  const notBeforeMs = Math.max(t0Ms, undoneMs ?? t0Ms, seenMissingMs(deps, state));
  const when = { t0Ms, nowMs: timeFor(deps.clock, state), notBeforeMs, known };
  if (lost !== undefined) return allSinceMs(deps, lost, when, signal);
  const pods = await deps.cluster.podsOf(choice.target.workload, signal);
  const hit = new Set(choice.target.pods.map((pod) => pod.uid));
  const again = state.plan?.natural?.what;
  if (again === "restarted" || again === "oom-killed") return restartedSinceMs(pods, hit, t0Ms);
  const alive = pods.filter((pod) => !pod.terminating && pod.phase !== "Failed" && pod.phase !== "Succeeded");
  const young = alive.filter((pod) => !hit.has(pod.uid) && cameAfter(pod, t0Ms, known));
  if (young.length === 0 || pods.some((pod) => hit.has(pod.uid)) || !alive.every((pod) => pod.ready)) return null;
  return Math.max(notBeforeMs, ...young.map((pod) => readySince(pod, t0Ms, when.nowMs)));
}

/**
 * What keeps the target from being whole, for those who read why its late window began anyway;
 * null: nothing that can be seen.
 */
async function whatIsMissing(deps: ClearDeps, state: ExperimentState, signal: AbortSignal): Promise<string | null> {
  const { target } = state.choice ?? {};
  if (target === undefined || target.pods.length === 0) return null;
  const workloads = (state.plan?.natural?.lost ?? target.lost)?.map(({ workload }) => workload) ?? [target.workload];
  const pods = (await Promise.all(workloads.map((one) => deps.cluster.podsOf(one, signal)))).flat();
  const known = await podsBefore(deps.archive, state);
  const hit = new Set(target.pods.map((pod) => pod.uid));
  const held = pods.filter((pod) => hit.has(pod.uid) && pod.terminating);
  const unready = pods.filter((pod) => !pod.terminating && !pod.ready);
  const names = (all: readonly Pod[]) => all.map((pod) => pod.name).join(", ");
  const parts = [
    ...(held.length > 0
      ? [`${names(held)} is still terminating: a finalizer, or a node that does not answer, holds it`]
      : []),
    ...(unready.length > 0 ? [`${names(unready)} is not Ready`] : []),
    ...(pods.some((pod) => !hit.has(pod.uid) && cameAfter(pod, state.t0Ms ?? 0, known))
      ? []
      : ["nothing took its place"]),
  ];
  return parts.length === 0 ? null : parts.join("; ");
}

interface LostWhen {
  readonly t0Ms: number;
  readonly nowMs: number;
  /** Nothing is whole again before this. */
  readonly notBeforeMs: number;
  readonly known: KnownPods;
}

/** One workload after the other: while the first is not whole, the others need not be asked. */
async function allSinceMs(
  { cluster }: ClearDeps,
  lost: readonly LostPods[],
  when: LostWhen,
  signal: AbortSignal,
): Promise<number | null> {
  let sinceMs = when.notBeforeMs;
  for (const one of lost) {
    const wholeMs = backSinceMs(one, await cluster.podsOf(one.workload, signal), when.t0Ms, when);
    if (wholeMs === null) return null;
    sinceMs = Math.max(sinceMs, wholeMs);
  }
  return sinceMs;
}

/** Since when every pod is Ready again, those that were hit under their old name; null: not yet. */
function restartedSinceMs(pods: readonly Pod[], hit: ReadonlySet<string>, t0Ms: number): number | null {
  if (pods.length === 0 || !pods.every((pod) => pod.ready)) return null;
  return Math.max(t0Ms, ...pods.filter((pod) => hit.has(pod.uid)).map((pod) => pod.readySinceMs ?? t0Ms));
}

/**
 * A gap that a real experiment had, drawn by the sham's seed; two steps when there was none yet.
 */
async function drawnGapMs(book: Book, seed: number, stepMs: number, nowMs: number): Promise<number> {
  const past = await book.between(nowMs - GAPS_REACH_MS, nowMs);
  const gaps = past
    .filter(
      (s) => s.injection === "injected" && s.clearMs !== null && s.t0Ms !== null && s.plan?.geometry.stepMs === stepMs,
    )
    .map((s) => (s.clearMs ?? 0) - (s.t0Ms ?? 0));
  return gaps[Math.floor(randomFrom(seed).next() * gaps.length)] ?? 2 * stepMs;
}
