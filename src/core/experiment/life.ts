import type { ExperimentEvent, ExperimentState, Extension, Phase } from "../model/experiment.ts";
import type { DesignCheck, Judgement } from "../model/verdict.ts";
import { checkedJudgement } from "./final-look.ts";

type EventKind = ExperimentEvent["kind"];

/** A state in which nothing happens any more. */
export const ENDED: readonly Phase[] = ["refused", "missed", "not-injected", "done"];

/** Every legal edge of an experiment's life; docs/experiment-life.md is drawn from this table. */
export const EDGES: Readonly<Record<Phase, Partial<Record<EventKind, readonly Phase[]>>>> = {
  new: { planned: ["planned"] },
  planned: {
    chosen: ["chosen"],
    restored: ["intended"],
    happened: ["observing"],
    refused: ["refused"],
    missed: ["missed"],
    cancelled: ["done"],
  },
  chosen: {
    intended: ["intended"],
    restored: ["intended"],
    pretended: ["observing"],
    refused: ["refused"],
    missed: ["missed"],
    cancelled: ["done"],
  },
  intended: {
    awaited: ["intended"],
    cancelled: ["intended"],
    injected: ["observing"],
    "injected-unsure": ["observing"],
    "not-injected": ["not-injected"],
  },
  observing: {
    alerted: ["observing"],
    "alert-told": ["observing"],
    aborted: ["observing"],
    "undo-failed": ["observing"],
    undone: ["observing"],
    cancelled: ["observing"],
    cleared: ["cleared"],
  },
  cleared: {
    alerted: ["cleared"],
    "alert-told": ["cleared"],
    "undo-failed": ["cleared"],
    undone: ["cleared"],
    cancelled: ["cleared"],
    extended: ["cleared"],
    curtailed: ["cleared"],
    judged: ["judged"],
    closed: ["done"],
  },
  judged: { "undo-failed": ["judged"], undone: ["judged"], diagnosed: ["diagnosed"] },
  diagnosed: { "undo-failed": ["diagnosed"], undone: ["diagnosed"], notified: ["damaged", "provisional", "done"] },
  damaged: {
    "undo-failed": ["damaged"],
    undone: ["damaged"],
    "still-down": ["damaged"],
    recovered: ["recovered"],
    closed: ["provisional", "done"],
    finalised: ["damaged", "done"],
  },
  recovered: { "recovery-notified": ["provisional", "done"] },
  provisional: { "undo-failed": ["provisional"], undone: ["provisional"], finalised: ["done"] },
  refused: {},
  missed: {},
  "not-injected": {},
  done: { "undo-failed": ["done"], undone: ["done"] },
};

export const NEW_EXPERIMENT: ExperimentState = {
  phase: "new",
  seq: 0,
  plan: null,
  choice: null,
  refusal: null,
  t0Ms: null,
  injection: "none",
  awaitedMs: 0,
  aborted: null,
  alert: null,
  undoFailed: null,
  undoneMs: null,
  clearMs: null,
  clearHow: null,
  extension: null,
  judgement: null,
  provisional: false,
  compared: false,
  minutes: [],
  findings: [],
  notified: false,
  news: [],
  nextLookMs: null,
  looks: 0,
  lastReminder: null,
  recoveredMs: null,
  recoveredAfterMs: null,
  cure: null,
  failedInAll: null,
  closed: null,
  cancelled: false,
};

/** True while something is broken that was working before: the open damage of design.md §6. */
export function hasOpenDamage(state: ExperimentState): boolean {
  if (ENDED.includes(state.phase) || state.phase === "provisional" || state.recoveredMs !== null) return false;
  const headline = state.judgement?.headline;
  return headline === "persistent" || headline === "unresolved";
}

/** A fault that stands until it is taken back (drain, VirtualService). */
export function mustBeUndone(state: ExperimentState): boolean {
  const done = state.injection === "injected" || state.injection === "unsure" || state.injection === "intended";
  return done && state.undoneMs === null && state.choice !== null && "durationMs" in state.choice.fault;
}

/** An active fault, or an intent whose outcome nobody knows. */
export const isUnsettled = (state: ExperimentState): boolean => state.phase === "intended" || mustBeUndone(state);

function nextPhase(state: ExperimentState, event: ExperimentEvent): Phase {
  const targets = EDGES[state.phase][event.kind];
  const first = targets?.[0];
  if (targets === undefined || first === undefined) {
    throw new RangeError(`an experiment that is ${state.phase} cannot become "${event.kind}"`);
  }
  switch (event.kind) {
    case "notified":
      if (hasOpenDamage(state)) return "damaged";
      return isFinal(state) ? "done" : "provisional";
    case "recovery-notified":
    case "closed":
      return isFinal(state) ? "done" : "provisional";
    case "finalised":
      return hasOpenDamage({ ...state, judgement: finalJudgement(state, event.checks) }) ? "damaged" : "done";
    default:
      return first;
  }
}

/** No last look at it is still to come. */
export const isFinal = ({ provisional, compared }: ExperimentState): boolean => !provisional && !compared;

const finalJudgement = ({ judgement }: ExperimentState, checks: readonly DesignCheck[]): Judgement | null =>
  judgement && checkedJudgement(judgement, checks);

/**
 * The state after `event`. Pure: the same events give the same state, whoever folds them.
 * @throws RangeError if the event is not legal in this state
 */
export function evolve(state: ExperimentState, event: ExperimentEvent): ExperimentState {
  const next = { ...state, phase: nextPhase(state, event), seq: state.seq + 1 };
  switch (event.kind) {
    case "planned":
      return { ...next, plan: event.plan };
    case "chosen":
      return { ...next, choice: event.choice };
    case "refused":
      return { ...next, refusal: { gate: event.gate, why: event.why } };
    case "missed":
      return { ...next, refusal: { gate: "slot", why: event.why } };
    case "intended":
      return { ...next, injection: "intended", t0Ms: event.t0Ms };
    case "restored":
      return { ...next, injection: "intended", t0Ms: event.t0Ms, choice: event.choice };
    case "awaited":
      return { ...next, awaitedMs: state.awaitedMs + event.ms };
    case "undo-failed":
      return { ...next, undoFailed: { tries: event.tries, why: event.why } };
    case "injected":
      return { ...next, injection: "injected", t0Ms: event.t0Ms };
    case "injected-unsure":
      return { ...next, injection: "unsure", t0Ms: event.t0Ms };
    case "pretended":
      return { ...next, injection: "pretended", t0Ms: event.t0Ms };
    case "happened":
      return { ...next, injection: "happened", t0Ms: event.t0Ms, choice: event.choice };
    case "not-injected":
      return { ...next, injection: "not-injected", refusal: { gate: "injection", why: event.why } };
    case "alerted":
      return { ...next, alert: { atMs: event.atMs, services: event.services, told: false } };
    case "alert-told":
      return { ...next, alert: state.alert && { ...state.alert, told: true } };
    case "aborted":
      return { ...next, aborted: event.why };
    case "undone":
      return { ...next, undoneMs: event.atMs };
    case "cleared":
      return { ...next, clearMs: event.clearMs, clearHow: event.how };
    case "extended":
      return { ...next, extension: extendedBy(event, state.extension) };
    case "curtailed":
      return { ...next, extension: takenBack(state.extension) };
    case "judged":
      return { ...next, judgement: event.judgement, provisional: event.provisional, compared: event.compared === true };
    case "diagnosed":
      return { ...next, findings: event.findings };
    case "notified":
      return { ...next, notified: true, news: event.news };
    case "finalised":
      return {
        ...next,
        judgement: finalJudgement(state, event.checks),
        findings: event.findings,
        provisional: false,
        compared: false,
        minutes: event.minutes ?? [],
        news: [...state.news, ...event.news],
      };
    case "still-down":
      return {
        ...next,
        nextLookMs: event.nextMs,
        looks: state.looks + 1,
        lastReminder: event.reminder ?? state.lastReminder,
      };
    case "recovered":
      return {
        ...next,
        recoveredMs: event.recoveredMs,
        recoveredAfterMs: event.afterMs,
        cure: event.cure,
        failedInAll: event.failed ?? null,
      };
    case "recovery-notified":
      return next;
    case "closed":
      return { ...next, closed: { why: event.why, by: event.by } };
    case "cancelled":
      return {
        ...next,
        closed: { why: event.why, by: event.by },
        cancelled: true,
        extension: takenBack(state.extension),
      };
  }
}

const extendedBy = (
  { toMs, why, found, sourceRequests }: Extract<ExperimentEvent, { kind: "extended" }>,
  before: Extension | null,
): Extension => ({ toMs, why, found, sourceRequests: sourceRequests + (before?.sourceRequests ?? 0), over: false });

const takenBack = (extension: Extension | null): Extension | null => extension && { ...extension, over: true };

/** All events of one experiment, folded in order. */
export function replay(events: Iterable<ExperimentEvent>): ExperimentState {
  let state = NEW_EXPERIMENT;
  for (const event of events) state = evolve(state, event);
  return state;
}

/**
 * Services that are still worse and have to do with the target: those a damaged experiment keeps
 * open.
 */
export function damagedServices(state: Pick<ExperimentState, "judgement">): readonly string[] {
  const { verdicts = [], concerned } = state.judgement ?? {};
  const bad = verdicts.filter(
    (v) =>
      !v.starved &&
      (v.verdict.kind === "persistent" || v.verdict.kind === "unresolved") &&
      (concerned === undefined || concerned.includes(v.service)),
  );
  return [...new Set(bad.map((v) => v.service))];
}
