import type { ExperimentEvent, ExperimentState, FoundSignal } from "../model/experiment.ts";
import type { Geometry } from "../model/policy.ts";
import { isDegraded, type Judgement, type SignalVerdict } from "../model/verdict.ts";
import { joinNames } from "../text/format.ts";
import { endMs, plannedEndMs } from "./next.ts";

/**
 * By how much the observation is extended now: its late window lies so much later than planned, ms.
 */
export const extendedMs = (state: ExperimentState): number => endMs(state) - plannedEndMs(state);

/**
 * The extension that an unsettled judgement asks for, or null: all is told, no more time is
 * allowed, or somebody ended the observation before its time.
 */
export function extensionFor(
  state: ExperimentState,
  judgement: Judgement,
): Extract<ExperimentEvent, { kind: "extended" }> | null {
  const { plan, aborted, closed, extension } = state;
  if (plan === null || aborted !== null || closed !== null || extension?.over === true) return null;
  const open = unsettled(judgement);
  const nowMs = extendedMs(state);
  const nextMs = nextExtensionMs(nowMs, plan.geometry);
  if (open.length === 0 || nextMs <= nowMs) return null;
  const { sourceRequests } = judgement;
  return {
    kind: "extended",
    toMs: plannedEndMs(state) + nextMs,
    why: whyOpen(open),
    found: foundIn(judgement),
    sourceRequests,
  };
}

/** Verdicts on what has to do with the target and is worse at the end, or not known to be back. */
export const stillWorse = ({ verdicts, concerned }: Judgement): readonly SignalVerdict[] =>
  verdicts.filter(
    ({ verdict, service, starved }) =>
      !starved &&
      (concerned?.includes(service) ?? true) &&
      (verdict.kind === "persistent" || verdict.kind === "unresolved"),
  );

/**
 * What keeps a judgement from being settled: damage near the target of which it is open whether it
 * stays. Empty when all of it is told, or when any of it clearly stays: that is told at once, and
 * the rest is followed with it.
 */
export function unsettled(judgement: Judgement): readonly SignalVerdict[] {
  const worse = stillWorse(judgement);
  return worse.some((v) => v.verdict.kind === "persistent" && v.comingBack !== true) ? [] : worse;
}

/**
 * By how much an observation that was extended by `beforeMs` is extended next: each step is twice
 * as long as the one before, the first a late window.
 */
export function nextExtensionMs(beforeMs: number, { stepMs, lateMs, extensionMs = 0 }: Geometry): number {
  if (lateMs <= 0) return beforeMs;
  const mostMs = Math.floor(extensionMs / stepMs) * stepMs;
  return Math.max(Math.min(2 * beforeMs + lateMs, mostMs), beforeMs);
}

/** What was found to be worse. */
export const foundIn = ({ verdicts }: Judgement): readonly FoundSignal[] =>
  verdicts.flatMap(({ service, signal, verdict }) => (isDegraded(verdict.kind) ? [{ service, signal }] : []));

function whyOpen(open: readonly SignalVerdict[]): string {
  const names = [...new Set(open.map(({ service }) => service))];
  const back = open.every((v) => v.comingBack === true);
  if (back) return `${joinNames(names)} ${names.length === 1 ? "is" : "are"} on the way back`;
  return `it is not proven yet whether ${joinNames(names)} recovered`;
}
