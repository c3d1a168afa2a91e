import { callGraph } from "../judge/input/call-graph.ts";
import type { Call } from "../judge/input/input.ts";
import { familyOf } from "../judge/input/judged-services.ts";
import type { ServiceId } from "../model/cluster.ts";
import type { Choice } from "../model/experiment.ts";
import type { AbortRule } from "../model/policy.ts";
import { logIncompleteBeta } from "../stats/incomplete-beta.ts";

/**
 * So improbable must the failures be, given what was usual: once in a million looks. judge.md
 * §2.11.
 */
const LOG_P_MAX = Math.log(1e-6);

/** Requests and failures of one service in some stretch of time. */
export interface Counted {
  readonly service: ServiceId;
  readonly requests: number;
  readonly failures: number;
}

export interface AbortInput {
  readonly rule: AbortRule;
  /** Counts before the injection over `beforeMs`. */
  readonly before: readonly Counted[];
  readonly beforeMs: number;
  /**
   * Counts over the last `rule.windowMs`. A service that is absent was not scraped, which says
   * nothing.
   */
  readonly now: readonly Counted[];
  readonly guarded: ReadonlySet<ServiceId>;
}

/**
 * Services for whose sake an experiment is stopped: the target's, their callers and direct callees.
 * Failures that an HTTP fault itself makes are the experiment and not its harm: there the target's
 * own services are left out, and their callers count.
 */
export function guardedServices({ target, fault }: Choice, calls: readonly Call[]): ReadonlySet<ServiceId> {
  const family = familyOf(callGraph(calls), target.services);
  if (fault.kind === "http-abort" || fault.kind === "http-delay") for (const s of target.services) family.delete(s);
  return family;
}

/**
 * Why the experiment must be stopped now, or null. No correction for many looks: safety first, and
 * the verdict is marked cut short.
 */
export function whyAbort({ rule, before, beforeMs, now, guarded }: AbortInput): string | null {
  const usual = new Map(before.map((one) => [one.service, one]));
  for (const one of now) {
    const then = usual.get(one.service);
    if (!guarded.has(one.service) || then === undefined) continue;
    const why = whyFailing(one, then, rule) ?? whyMissing(one, then, rule, rule.windowMs / beforeMs);
    if (why !== null) return `${one.service}: ${why}`;
  }
  return null;
}

/**
 * Exact binomial test against the share before; half a failure more than was seen, so that a
 * service that never failed may fail once.
 */
function whyFailing(now: Counted, before: Counted, rule: AbortRule): string | null {
  const [failures, requests] = [Math.round(now.failures), Math.round(now.requests)];
  const share = (before.failures + 0.5) / (before.requests + 1);
  const excess = failures - requests * share;
  if (excess < rule.excessFailures || failures > requests || failures < 1 || share >= 1) return null;
  // P(K ≥ failures) for K ~ Binomial(requests, share)
  const logP = logIncompleteBeta(share, failures, requests - failures + 1);
  if (logP >= LOG_P_MAX) return null;
  return `${failures} of ${requests} requests failed in the last ${seconds(rule.windowMs)}, ${Math.round(excess)} more than usual`;
}

function whyMissing(now: Counted, before: Counted, rule: AbortRule, stretch: number): string | null {
  const expected = before.requests * stretch;
  const missing = expected - now.requests;
  if (missing <= rule.missingRequests || missing <= rule.rateFall * expected) return null;
  return `${Math.round(missing)} of ${Math.round(expected)} usual requests are missing in the last ${seconds(rule.windowMs)}`;
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
