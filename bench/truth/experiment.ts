import { type Call, type JudgeInput, judge, type Nulls } from "../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT, type Geometry } from "../../src/core/model/policy.ts";
import type { Observation, ServiceCounts } from "../../src/core/model/series.ts";
import { DAY_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import type { Judgement } from "../../src/core/model/verdict.ts";
import { windowOf } from "./world.ts";

/** The defaults of an experiment: judge.md §2. */
export const GEOMETRY: Geometry = {
  stepMs: MINUTE_MS,
  beforeMs: 30 * MINUTE_MS,
  earlyMs: 10 * MINUTE_MS,
  graceMs: 5 * MINUTE_MS,
  lateMs: 10 * MINUTE_MS,
};
export const BEFORE = GEOMETRY.beforeMs / MINUTE_MS;
export const EARLY = GEOMETRY.earlyMs / MINUTE_MS;
export const LATE = GEOMETRY.lateMs / MINUTE_MS;
/** Minutes from t0 to t_clear, and from t0 to the late window. */
export const CLEAR = 5;
export const LATE_FROM = CLEAR + GEOMETRY.graceMs / MINUTE_MS;
export const REACH = LATE_FROM + LATE;
export const SHAPE = { before: BEFORE, early: EARLY, lateFrom: LATE_FROM, late: LATE };

/**
 * What the judge knows: its own window, a quiet record too old to say what is normal (it only
 * widens), or a week.
 */
export type Knowledge = "own-window" | "record" | "week";

/** A chain of calls through the services in groups of ten, so that families exist. */
export const callsOf = (services: readonly ServiceCounts[]): Call[] =>
  services.flatMap((s, i) =>
    i % 10 === 9 || i + 1 >= services.length ? [] : [{ caller: s.service, callee: services[i + 1]!.service }],
  );

const aged = (history: Observation): Observation => ({
  ...history,
  grid: { ...history.grid, startMs: history.grid.startMs - 90 * DAY_MS },
});

export interface Question {
  readonly services: readonly ServiceCounts[];
  /** Step of t0 in the world. */
  readonly t0: number;
  readonly history: Observation;
  readonly nulls: Nulls | null;
  readonly calls: readonly Call[];
  readonly target: string;
  readonly knowledge: Knowledge;
  /** The observation, if something was injected into it. */
  readonly observation?: Observation;
}

/** The input for one experiment at step `t0` of a world. */
export function inputOf(q: Question): JudgeInput {
  const history = q.knowledge === "own-window" ? null : q.knowledge === "record" ? aged(q.history) : q.history;
  return {
    observation: q.observation ?? windowOf(q.services, q.t0 - BEFORE, q.t0 + REACH),
    history,
    ...(q.knowledge === "week" && q.nulls !== null ? { nulls: q.nulls } : {}),
    excluded: [],
    t0Ms: q.t0 * MINUTE_MS,
    clearMs: (q.t0 + CLEAR) * MINUTE_MS,
    geometry: GEOMETRY,
    minimumEffect: DEFAULT_MINIMUM_EFFECT,
    calls: q.calls,
    concerned: [q.target],
  };
}

export const ask = (q: Question): Judgement => judge(inputOf(q));
