import { type Bracket, type Effect, isDegraded, type Quantiles, type SignalVerdict } from "../model/verdict.ts";
import { unreachable } from "../unreachable.ts";
import { counted, formatCount, formatDuration, formatShare } from "./format.ts";

/**
 * What a signal did, with before and after, as half a sentence: `48 % of requests failed (before: 0
 * %)`.
 */
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

/**
 * Where median and p99 lay, as far as the buckets tell: `p99 between 250 and 500 ms (before: 25 to
 * 50 ms)`; empty where none moved.
 * @param names those that are told
 */
export function quantilesText(
  { effect }: SignalVerdict,
  names: readonly (keyof Quantiles)[] = ["median", "p99"],
): string {
  const { quantiles } = effect ?? {};
  if (quantiles === undefined) return "";
  return names
    .filter((name) => quantiles[name].before.fromMs !== quantiles[name].after.fromMs)
    .map((name) => `${name} ${bracketText(quantiles[name].after)} (before: ${bracketText(quantiles[name].before)})`)
    .join(", ");
}

function bracketText({ fromMs, toMs }: Bracket): string {
  if (toMs === null) return `over ${formatDuration(fromMs)}`;
  return fromMs === 0
    ? `up to ${formatDuration(toMs)}`
    : `between ${formatDuration(fromMs)} and ${formatDuration(toMs)}`;
}

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

/**
 * The impact as a headline: `go-app fails 50 % of requests`, `go-app failed 6 % of requests and
 * recovered in 24 s`.
 */
export function impactTitle(verdict: SignalVerdict, name: string): string {
  const open = verdict.verdict.kind === "persistent" || verdict.verdict.kind === "unresolved";
  const did = `${name} ${open ? doesNow(verdict) : didThen(verdict)}`;
  return open ? did : `${did} and ${howItEnded(verdict)}`;
}

function doesNow({ signal, effect }: SignalVerdict): string {
  if (effect === null) return "is worse than before";
  switch (signal) {
    case "failures":
      return `fails ${formatShare(effect.after)} of requests`;
    case "connections":
      return `fails ${formatShare(effect.after)} of connections`;
    case "latency":
      return effect.boundMs === null
        ? `takes ${formatDuration(effect.after)} to answer`
        : `answers ${formatShare(effect.after)} of requests slowly`;
    case "rate":
      return `gets ${formatShare(Math.abs(1 - effect.change.point))} ${effect.change.point <= 1 ? "fewer" : "more"} requests`;
    default:
      return unreachable(signal);
  }
}

/** The same when it is over. */
function didThen({ signal, effect }: SignalVerdict): string {
  if (effect === null) return "got worse";
  switch (signal) {
    case "failures":
      return `failed ${formatShare(effect.after)} of requests`;
    case "connections":
      return `failed ${formatShare(effect.after)} of connections`;
    case "latency":
      return "answered more slowly";
    case "rate":
      return `got ${effect.change.point <= 1 ? "fewer" : "more"} requests`;
    default:
      return unreachable(signal);
  }
}

/** Before, now and what it cost, in a few words: `0 % → 50 % of requests fail, 3,017 failed`. */
export function shortImpact(verdict: SignalVerdict): string {
  const { signal, effect } = verdict;
  if (effect === null || (signal !== "failures" && signal !== "connections")) return impactLine(verdict);
  const what = signal === "failures" ? "requests" : "connections";
  const cost = effect.excess < 1 ? "" : `; ${formatCount(effect.excess)} ${what} failed`;
  return `before ${formatShare(effect.before)}, now ${formatShare(effect.after)} of ${what} fail${cost}`;
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
