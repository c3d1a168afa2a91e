import { unreachable } from "../model/units.ts";
import { type Effect, isDegraded, type SignalVerdict } from "../model/verdict.ts";
import { counted, formatDuration, formatShare } from "./format.ts";

/** What a signal did, with before and after, as half a sentence: `48 % of requests failed (before: 0 %)`. */
export function whatHappened(verdict: SignalVerdict): string {
  const { effect } = verdict;
  if (effect === null) return isDegraded(verdict.verdict.kind) ? gotWorse(verdict.signal) : "";
  const change = effect.change.point;
  switch (verdict.signal) {
    case "failures":
      return `${formatShare(effect.after)} of requests failed (before: ${formatShare(effect.before)})`;
    case "connections":
      return `${formatShare(effect.after)} of connections failed (before: ${formatShare(effect.before)})`;
    case "latency":
      return effect.boundMs === null ? slower(effect) : slowShare(effect, effect.boundMs);
    case "rate":
      return change <= 1
        ? `${formatShare(1 - change)} fewer requests arrived`
        : `${formatShare(change - 1)} more requests arrived`;
    default:
      return unreachable(verdict.signal);
  }
}

const slowShare = ({ after, before }: Effect, boundMs: number): string =>
  `${formatShare(after)} of answers took longer than ${formatDuration(boundMs)} (before: ${formatShare(before)})`;

/** For telemetry that has quantiles only, in ms. */
const slower = ({ after, before }: Effect): string =>
  `answers took ${formatDuration(after)} (before: ${formatDuration(before)})`;

function gotWorse(signal: SignalVerdict["signal"]): string {
  return {
    failures: "more requests failed",
    connections: "more connections failed",
    latency: "answers were slower",
    rate: "fewer requests arrived",
  }[signal];
}

/** How it ended: `unaffected`, `recovered in 42 s`, `not recovered`. */
export function howItEnded(verdict: SignalVerdict): string {
  switch (verdict.verdict.kind) {
    case "steady":
      return "unaffected";
    case "transient":
    case "slow-recovery":
      return `recovered in ${formatDuration(verdict.verdict.recoveredAfterMs.point)}`;
    case "persistent":
      return "not recovered";
    case "unresolved":
      return "recovery not proven";
    case "inconclusive":
      return `unknown: ${verdict.verdict.detail}`;
    default:
      return unreachable(verdict.verdict);
  }
}

/** One line for a message: what happened and how it ended. */
export function impactLine(verdict: SignalVerdict): string {
  const excess = excessText(verdict);
  const happened = whatHappened(verdict);
  const line = happened === "" ? howItEnded(verdict) : `${happened}, ${howItEnded(verdict)}`;
  return excess === "" ? line : `${line} · ${excess}`;
}

function excessText(verdict: SignalVerdict): string {
  const excess = verdict.effect?.excess ?? 0;
  if (verdict.signal !== "failures" || excess < 1) return "";
  return `${counted(Math.round(excess), "failed request")}`;
}
