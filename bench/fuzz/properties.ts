import { isDeepStrictEqual } from "node:util";
import { readCounts } from "../../src/adapters/prometheus/read/counts.ts";
import type { Signals } from "../../src/adapters/prometheus/signals/signals.ts";
import { FEWEST_STEPS } from "../../src/core/judge/input/constants.ts";
import { knownBy, type Track, tracksOf } from "../../src/core/judge/input/track.ts";
import { type Span, windowsOf } from "../../src/core/judge/input/windows.ts";
import { type JudgeInput, judge } from "../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../src/core/model/policy.ts";
import type { Counts, Observation, ServiceCounts } from "../../src/core/model/series.ts";
import type { Judgement, SignalVerdict } from "../../src/core/model/verdict.ts";
import type { FuzzCase } from "./cases.ts";
import { pastOf } from "./past.ts";
import { sessionOf } from "./session.ts";
import { GEOMETRY, GRID, STEP_MS, T0_MS } from "./windows.ts";

/** A property that did not hold. */
class Broken extends Error {}

function demand(holds: boolean, what: string, where: unknown = ""): void {
  if (!holds) throw new Broken(`${what}: ${typeof where === "string" ? where : JSON.stringify(where)}`.slice(0, 2_000));
}

/** What is asked of the judge for one case. */
export async function inputOf(fuzz: FuzzCase, signals: Signals): Promise<JudgeInput> {
  const nowMs = T0_MS + 13 * STEP_MS + fuzz.skewS * 1_000;
  const observation = await readCounts({ session: sessionOf(fuzz), signals, matchers: {} }, GRID, new Map(), nowMs);
  const id = (i: number): string => `shop/${fuzz.names[i]}`;
  return {
    observation,
    history: fuzz.past === null ? null : pastOf(fuzz.past, observation),
    excluded: fuzz.clearSteps === 2 ? [{ fromMs: T0_MS - 8 * STEP_MS, toMs: T0_MS - 4 * STEP_MS }] : [],
    t0Ms: T0_MS,
    clearMs: T0_MS + fuzz.clearSteps * STEP_MS,
    geometry: GEOMETRY,
    minimumEffect: DEFAULT_MINIMUM_EFFECT,
    calls: fuzz.calls.map(([a, b]) => ({ caller: id(a), callee: id(b) })),
    concerned: [id(0)],
  };
}

/**
 * Everything that must hold of any input, however broken:
 * 1. reading and judging end without an error;
 * 2. counts are never negative, parts are not larger than wholes (what overflowed is no count, and
 *    the judge does not read it);
 * 3. every number of a verdict is a number, every interval contains its point;
 * 4. a verdict other than `inconclusive` rests on at least three known steps before t0, three after
 *    it, and, where it speaks of a window (*steady* of
 *    the early one, *persistent* of the late one, *recovered* of the time since), on known steps in
 *    there; shares rest on requests before and after;
 * 5. what lies in unknown steps changes nothing;
 * 6. with nothing known before, or nothing after, every verdict is `inconclusive`.
 * @throws Error that names the property
 */
export async function checkCase(fuzz: FuzzCase, signals: Signals): Promise<readonly SignalVerdict[]> {
  const input = await inputOf(fuzz, signals);
  for (const s of input.observation.services) isWellFormed(s);
  const judgement = judge(input);
  const { observation } = input;
  for (const v of judgement.verdicts) {
    isInNumbers(v);
    restsOnData(v, input);
  }
  const junk = judge({ ...input, observation: filled(observation), history: input.history && filled(input.history) });
  demand(isDeepStrictEqual(junk, judgement), "unknown steps change the judgement", difference(judgement, junk));
  const t0 = windowsOf(GRID, T0_MS, input.clearMs, GEOMETRY).before.to;
  knowsNothing(judge({ ...input, observation: blind(observation, 0, t0) }), "before");
  knowsNothing(judge({ ...input, observation: blind(observation, t0, GRID.steps) }), "after");
  return judgement.verdicts;
}

function isWellFormed(s: ServiceCounts): void {
  const counts = [s.requests, s.failures, ...(s.latency === null ? [] : [s.latency.successes, ...s.latency.slow])];
  const within = (part: Counts, whole: Counts): boolean => part.every((x, i) => !(x > whole[i]! * (1 + 1e-9) + 1e-9));
  for (const array of counts) {
    demand(array.length === GRID.steps, "an array has another length than the grid", s.service);
    demand(!array.some((x) => x < 0), "a count is negative", [s.service, [...array]]);
  }
  demand(within(s.failures, s.requests), "more failures than requests", [s.service, [...s.failures], [...s.requests]]);
  for (const slow of s.latency?.slow ?? []) demand(within(slow, s.latency!.successes), "more slow than all", s.service);
  demand(
    s.valid.every((x) => x === 0 || x === 1),
    "a step is neither known nor unknown",
    s.service,
  );
}

function isInNumbers(v: SignalVerdict): void {
  const { verdict, effect, onsetMs } = v;
  const finite = (x: number | null, what: string): void =>
    demand(x === null || Number.isFinite(x), `${what} is no number`, v);
  finite(v.z, "z");
  finite(v.minimumDetectable, "the minimum detectable effect");
  demand(v.p === null || (v.p >= 0 && v.p <= 1), "p is no probability", v);
  const intervals = [onsetMs, effect?.change ?? null, "recoveredAfterMs" in verdict ? verdict.recoveredAfterMs : null];
  for (const interval of intervals) {
    if (interval === null) continue;
    finite(interval.point, "the point of an interval");
    demand(interval.low <= interval.point && interval.point <= interval.high, "an interval without its point", v);
  }
  if (effect !== null) for (const x of [effect.before, effect.after, effect.excess]) finite(x, "an effect");
}

const inSpan = (known: Float64Array, from: number, to: number): Float64Array => known.subarray(Math.max(from, 0), to);
const count = (known: Float64Array): number => known.reduce((n, x) => n + (Number.isNaN(x) ? 0 : 1), 0);
const total = (known: Float64Array): number => known.reduce((n, x) => n + (Number.isNaN(x) ? 0 : x), 0);

function restsOnData(v: SignalVerdict, { observation, clearMs }: JudgeInput): void {
  const { verdict } = v;
  if (verdict.kind === "inconclusive") return;
  const windows = windowsOf(observation.grid, T0_MS, clearMs, GEOMETRY);
  const track = tracksOf(observation).find((t: Track) => t.service === v.service && t.signal === v.signal);
  demand(track !== undefined, "a verdict without a series", v);
  const known = knownBy(track!);
  const stepsIn = (span: Span): number => count(inSpan(known, span.from, span.to));
  const least = (span: Span, steps: number, what: string): void =>
    demand(stepsIn(span) >= steps, `${verdict.kind} with ${stepsIn(span)} known steps ${what}`, {
      v,
      known: [...known],
    });
  least(windows.before, FEWEST_STEPS, "before");
  least(windows.after, FEWEST_STEPS, "after");
  if (verdict.kind === "steady") least(windows.early, FEWEST_STEPS, "in the early window");
  if (verdict.kind === "persistent") least(windows.late, FEWEST_STEPS, "in the late window");
  if ("recoveredAfterMs" in verdict) {
    const from = windows.before.to + Math.floor(verdict.recoveredAfterMs.point / STEP_MS);
    least({ from, to: windows.after.to }, 1, "since it recovered");
  }
  if (v.signal === "rate") return;
  demand(total(inSpan(known, 0, windows.before.to)) > 0, `${verdict.kind} without a request before`, v);
  demand(total(inSpan(known, windows.after.from, windows.after.to)) > 0, `${verdict.kind} without a request after`, v);
}

/** The same with nonsense wherever nothing is known. */
function filled(observation: Observation): Observation {
  const fill =
    (valid: Uint8Array) =>
    (counts: Counts): Counts =>
      counts.map((x, i) => (valid[i] === 0 ? 12_345.5 * (1 + (i % 3)) : x));
  return { ...observation, services: observation.services.map((s) => changed(s, fill(s.valid))) };
}

function changed(s: ServiceCounts, change: (counts: Counts) => Counts): ServiceCounts {
  const { latency, connections } = s;
  return {
    ...s,
    requests: change(s.requests),
    failures: change(s.failures),
    latency: latency && { ...latency, successes: change(latency.successes), slow: latency.slow.map(change) },
    connections: connections && {
      opened: change(connections.opened),
      closed: change(connections.closed),
      failed: change(connections.failed),
    },
  };
}

const blind = (observation: Observation, from: number, to: number): Observation => ({
  ...observation,
  services: observation.services.map((s) => ({ ...s, valid: s.valid.map((x, i) => (i >= from && i < to ? 0 : x)) })),
});

function knowsNothing(judgement: Judgement, when: string): void {
  const confident = judgement.verdicts.find((v) => v.verdict.kind !== "inconclusive");
  demand(confident === undefined, `a verdict with nothing known ${when}`, confident);
}

function difference(a: Judgement, b: Judgement): unknown {
  const at = a.verdicts.findIndex((v, i) => !isDeepStrictEqual(v, b.verdicts[i]));
  return [a.verdicts[at], b.verdicts[at]];
}
