import { knownTest } from "../../src/core/judge/history/known-test.ts";
import { outlooksOf } from "../../src/core/judge/history/outlook.ts";
import { tracksOf } from "../../src/core/judge/input/track.ts";
import { windowsOf } from "../../src/core/judge/input/windows.ts";
import { buildNulls } from "../../src/core/judge/judge.ts";
import type { Observation, ServiceCounts } from "../../src/core/model/series.ts";
import { DAY_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { isDegraded, type Judgement, type Signal, type SignalVerdict } from "../../src/core/model/verdict.ts";
import { trimmedSteps } from "../../src/core/stats/trimmed-shift.ts";
import { type Random, randomOf } from "../lib/random.ts";
import {
  ask,
  BEFORE,
  CLEAR,
  callsOf,
  EARLY,
  GEOMETRY,
  type Knowledge,
  type Question,
  REACH,
  SHAPE,
} from "./experiment.ts";
import {
  COURSES,
  type CourseKind,
  drawInjection,
  type InjectedSignal,
  type Injection,
  inject,
  SIGNALS,
  SIZES,
} from "./inject.ts";
import { generateWorld, type World, type WorldKind, windowOf } from "./world.ts";

const STEPS_A_DAY = DAY_MS / MINUTE_MS;
/**
 * Nulls are rebuilt this often on the last day, as a worker that appends its history would have
 * them.
 */
const REBUILD_STEPS = 120;
const TESTS_A_BLOCK = 3;

/** p-values of each component on quiet windows, and what the whole judge made of them. */
export interface QuietResult {
  readonly world: WorldKind;
  /** By `signal component`: p of every service and moment, with the service's index. */
  readonly ps: Map<string, { service: number; p: number }[]>;
  /** By knowledge: number of experiments, of alarms, and of decisions by signal. */
  readonly decisions: Map<
    Knowledge,
    { experiments: number; alarms: number; made: Map<Signal, number>; found: Map<Signal, number> }
  >;
}

export interface Moment {
  readonly t0: number;
  readonly history: Observation;
  readonly nulls: ReturnType<typeof buildNulls>;
  readonly past: ReadonlyMap<string, ServiceCounts>;
}

/** Moments of the last day with the week before them, nulls built at most two hours earlier. */
export function* momentsOf(world: World): Generator<Moment> {
  const first = (world.days - 1) * STEPS_A_DAY;
  for (let block = first; block + REBUILD_STEPS + REACH + BEFORE < world.days * STEPS_A_DAY; block += REBUILD_STEPS) {
    const history = windowOf(world.services, Math.max(block - 7 * STEPS_A_DAY, 0), block);
    const nulls = buildNulls(history, SHAPE, []);
    const past = new Map(history.services.map((s) => [s.service, s]));
    for (let i = 0; i < TESTS_A_BLOCK; i++) {
      yield { t0: block + BEFORE + Math.round((i * REBUILD_STEPS) / TESTS_A_BLOCK), history, nulls, past };
    }
  }
}

function componentPs(world: World, moment: Moment, into: QuietResult["ps"]): void {
  const observation = windowOf(world.services, moment.t0 - BEFORE, moment.t0 + REACH);
  const windows = windowsOf(observation.grid, moment.t0 * MINUTE_MS, (moment.t0 + CLEAR) * MINUTE_MS, GEOMETRY);
  const requests = (service: string) => {
    const past = moment.past.get(service);
    return past === undefined ? null : { n: past.requests, valid: past.valid, startMs: moment.history.grid.startMs };
  };
  const outlook = outlooksOf(observation, { requests }, windows, new Set());
  const index = new Map(world.services.map((s, i) => [s.service, i]));
  const add = (key: string, service: number, p: number) => {
    const list = into.get(key) ?? [];
    into.set(key, list);
    list.push({ service, p });
  };
  for (const track of tracksOf(observation)) {
    const known = moment.nulls.bySignal.get(track.key);
    if (known === undefined || track.form === "quantile") continue;
    const tests = knownTest({ track, windows, grid: observation.grid, known }, moment.nulls, () =>
      outlook(track.service),
    );
    for (const [component, test] of Object.entries(tests))
      add(`${track.signal} ${component}`, index.get(track.service)!, test.p);
    const both = Math.min(1, 2 * Math.min(tests.scan?.p ?? 1, tests.shift?.p ?? 1));
    add(`${track.signal} early (both)`, index.get(track.service)!, both);
  }
}

function countDecisions(judgement: Judgement, knowledge: Knowledge, into: QuietResult["decisions"]): void {
  const row = into.get(knowledge) ?? { experiments: 0, alarms: 0, made: new Map(), found: new Map() };
  into.set(knowledge, row);
  row.experiments++;
  if (judgement.verdicts.some((v) => isDegraded(v.verdict.kind))) row.alarms++;
  for (const v of judgement.verdicts) {
    if (v.p !== null) row.made.set(v.signal, (row.made.get(v.signal) ?? 0) + 1);
    if (isDegraded(v.verdict.kind)) row.found.set(v.signal, (row.found.get(v.signal) ?? 0) + 1);
  }
}

const KNOWLEDGE: readonly Knowledge[] = ["own-window", "record", "week"];

/** False alarms in a world in which nothing was injected. */
export function measureQuiet(kind: WorldKind, services: number, seed: number): QuietResult {
  const world = generateWorld(kind, services, 8, seed);
  const calls = callsOf(world.services);
  const result: QuietResult = { world: kind, ps: new Map(), decisions: new Map() };
  const random = randomOf(seed ^ 0x5eed);
  for (const moment of momentsOf(world)) {
    componentPs(world, moment, result.ps);
    const target = world.services[random.int(services)]!.service;
    for (const knowledge of KNOWLEDGE) {
      countDecisions(
        ask({ services: world.services, calls, target, knowledge, ...moment }),
        knowledge,
        result.decisions,
      );
    }
  }
  return result;
}

/** What became of one injected effect. */
export interface Outcome {
  readonly knowledge: Knowledge;
  readonly signal: InjectedSignal;
  readonly size: number;
  readonly course: CourseKind;
  readonly perMinute: number;
  readonly verdict: string;
  /** The quiet judgement of the same moment promised to see this much. */
  readonly detectable: boolean;
  /** Recovery after t0 in minutes: true, and as told; null when none was told. */
  readonly recovery: {
    readonly truth: number;
    readonly point: number;
    readonly low: number;
    readonly high: number;
  } | null;
}

function outcomeOf(
  q: Question,
  quiet: Judgement,
  signal: InjectedSignal,
  size: number,
  course: CourseKind,
  random: Random,
): Outcome {
  const clean = windowOf(q.services, q.t0 - BEFORE, q.t0 + REACH);
  const injection = drawInjection(q.target, signal, size, course, random);
  const judgement = ask({ ...q, observation: inject(clean, injection, random) });
  const of = (j: Judgement) => j.verdicts.find((v) => v.service === q.target && v.signal === signal)!;
  const told = of(judgement).verdict;
  const before = of(quiet);
  const promised = before.verdict.kind === "steady" && before.minimumDetectable !== null;
  const served = clean.services.find((s) => s.service === q.target)!;
  const perMinute = Array.from(served.requests.subarray(0, BEFORE)).reduce((a, b) => a + b, 0) / BEFORE;
  return {
    knowledge: q.knowledge,
    signal,
    size,
    course,
    perMinute,
    verdict: told.kind,
    detectable: promised && exceeds(before, size * shareOfPromise(before, injection)),
    recovery:
      told.kind === "transient" || told.kind === "slow-recovery"
        ? {
            truth: injection.to - BEFORE,
            point: told.recoveredAfterMs.point / MINUTE_MS,
            low: told.recoveredAfterMs.low / MINUTE_MS,
            high: told.recoveredAfterMs.high / MINUTE_MS,
          }
        : null,
  };
}

/**
 * How much of the stretch that the promise is about the damage lasts: of the early window; of a
 * rate without history, of all of the time after, less what a trimmed mean leaves out.
 */
function shareOfPromise({ signal, learning }: SignalVerdict, { from, to }: Injection): number {
  if (signal !== "rate" || !learning) return Math.min((to - from) / EARLY, 1);
  const trim = trimmedSteps(REACH);
  return Math.min(Math.max((to - from - trim) / (REACH - 2 * trim), 0), 1);
}

/**
 * Is an injected size as large as what the quiet verdict promised to see? Sizes of latency are
 * odds; it promises points of slow answers.
 */
function exceeds({ signal, minimumDetectable, effect }: SignalVerdict, size: number): boolean {
  if (signal !== "latency") return size >= minimumDetectable!;
  const odds = (share: number): number => share / Math.max(1 - share, 1e-9);
  const share = Math.max(effect!.before, 1e-9);
  return size >= odds(Math.min(share + minimumDetectable!, 1)) / odds(share);
}

/** Injects every kind, size and course into random services of an ordinary world. */
export function measureEffects(services: number, seed: number, perMoment: number): Outcome[] {
  const world = generateWorld("ordinary", services, 8, seed);
  const calls = callsOf(world.services);
  const random = randomOf(seed ^ 0xeffec7);
  const outcomes: Outcome[] = [];
  for (const moment of momentsOf(world)) {
    for (const knowledge of ["own-window", "week"] as const) {
      for (let i = 0; i < perMoment; i++) {
        const target = world.services[random.int(services)]!.service;
        const q: Question = { services: world.services, calls, target, knowledge, ...moment };
        const signal = SIGNALS[random.int(SIGNALS.length)]!;
        const size = SIZES[signal][random.int(SIZES[signal].length)]!;
        const course = COURSES[random.int(COURSES.length)]!;
        outcomes.push(outcomeOf(q, ask(q), signal, size, course, random));
      }
    }
  }
  return outcomes;
}
