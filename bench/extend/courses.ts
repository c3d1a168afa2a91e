import { foundIn, unsettled } from "../../src/core/experiment/extension.ts";
import { judge } from "../../src/core/judge/judge.ts";
import type { Observation } from "../../src/core/model/series.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";
import type { Judgement } from "../../src/core/model/verdict.ts";
import type { Random } from "../lib/random.ts";
import { BEFORE, callsOf, inputOf, type Knowledge, LATE, type Question, REACH, SHAPE } from "../truth/experiment.ts";
import { type Injection, inject, SIGNALS, SIZES } from "../truth/inject.ts";
import { type World, windowOf } from "../truth/world.ts";
import { laterThan, MOST_MINUTES, momentsOf, type NullsBy } from "./moments.ts";

/**
 * When the damage ends, counted from the planned end of the observation; `quiet` when nothing was
 * injected.
 */
export const ENDS = [
  "quiet",
  "within grace",
  "early in the late window",
  "in its last 5 min",
  "after it",
  "never",
] as const;
export type End = (typeof ENDS)[number];
export const KNOWLEDGE = ["own-window", "week"] as const satisfies readonly Knowledge[];

/** One experiment, decided at the planned end, and decided when it was settled. */
export interface Course {
  readonly knowledge: Knowledge;
  readonly end: End;
  /** Verdict on the signal that was injected; when nothing was, the headline. */
  readonly planned: string;
  readonly settled: string;
  /** Minutes by which the observation was extended. */
  readonly minutes: number;
  /**
   * Minutes from the injection to the end of the damage: true, and as told when it was told; null
   * when it was not.
   */
  readonly recovery: { readonly truth: number; readonly low: number; readonly high: number } | null;
}

type Asked = Omit<Question, "nulls" | "observation"> & { readonly nullsBy: NullsBy; readonly whole: Observation };

function judgeAt({ nullsBy, whole, ...q }: Asked, later: number, before: Judgement | null): Judgement {
  const observation = windowOf(whole.services, 0, BEFORE + REACH + later);
  const nulls = nullsBy.get(later) ?? null;
  const input = inputOf({
    ...q,
    nulls,
    observation: { ...observation, grid: { ...whole.grid, steps: observation.grid.steps } },
  });
  return judge({ ...input, extendedMs: later * MINUTE_MS, foundBefore: before === null ? [] : foundIn(before) });
}

/**
 * Looks at the planned end, and after each extension until everything near the target is settled.
 */
function decide(q: Asked): { planned: Judgement; settled: Judgement; minutes: number } {
  const planned = judgeAt(q, 0, null);
  let [settled, minutes] = [planned, 0];
  for (let next = laterThan(0); unsettled(settled).length > 0 && next > minutes; next = laterThan(minutes)) {
    minutes = next;
    settled = judgeAt(q, minutes, settled);
  }
  return { planned, settled, minutes };
}

/**
 * At every moment of `world` one quiet experiment and `effects` injected ones, with each kind of
 * knowledge.
 */
export function courses(world: World, effects: number, random: Random): Course[] {
  const calls = callsOf(world.services);
  const anybody = () => world.services[random.int(world.services.length)]!.service;
  const all: Course[] = [];
  for (const moment of momentsOf(world)) {
    const whole = windowOf(world.services, moment.t0 - BEFORE, moment.t0 + REACH + MOST_MINUTES);
    for (const knowledge of KNOWLEDGE) {
      const asked = { services: world.services, calls, knowledge, ...moment };
      all.push(quietCourse(knowledge, decide({ ...asked, target: anybody(), whole })));
      for (let i = 0; i < effects; i++) {
        const drawn = draw(anybody(), random);
        const { service } = drawn.injection;
        const observation = inject(whole, drawn.injection, random);
        all.push(injectedCourse(knowledge, drawn, decide({ ...asked, target: service, whole: observation })));
      }
    }
  }
  return all;
}

interface Drawn {
  readonly injection: Injection;
  readonly end: End;
}

function draw(service: string, random: Random): Drawn {
  const signal = SIGNALS[random.int(SIGNALS.length)]!;
  const size = SIZES[signal][random.int(SIZES[signal].length)]!;
  const end = ENDS[1 + random.int(ENDS.length - 1)]!;
  const from = BEFORE + random.int(3);
  const late = BEFORE + SHAPE.lateFrom;
  const to: Record<End, () => number> = {
    quiet: () => from,
    "within grace": () => from + 2 + random.int(SHAPE.lateFrom - 5),
    "early in the late window": () => late + 1 + random.int(LATE / 2 - 1),
    "in its last 5 min": () => late + LATE / 2 + random.int(LATE / 2),
    "after it": () => late + LATE + random.int(MOST_MINUTES - LATE),
    never: () => BEFORE + REACH + MOST_MINUTES,
  };
  const course = end === "never" ? "persistent" : "slow-recovery";
  return { injection: { service, signal, size, course, from, to: to[end]() }, end };
}

type Decided = ReturnType<typeof decide>;

const quietCourse = (knowledge: Knowledge, { planned, settled, minutes }: Decided): Course => ({
  knowledge,
  end: "quiet",
  planned: planned.headline,
  settled: settled.headline,
  minutes,
  recovery: null,
});

function injectedCourse(
  knowledge: Knowledge,
  { injection, end }: Drawn,
  { planned, settled, minutes }: Decided,
): Course {
  const on = ({ verdicts }: Judgement) =>
    verdicts.find((v) => v.service === injection.service && v.signal === injection.signal)!.verdict;
  const told = on(settled);
  return {
    knowledge,
    end,
    planned: on(planned).kind,
    settled: told.kind,
    minutes,
    recovery:
      "recoveredAfterMs" in told
        ? {
            truth: injection.to - BEFORE,
            low: told.recoveredAfterMs.low / MINUTE_MS,
            high: told.recoveredAfterMs.high / MINUTE_MS,
          }
        : null,
  };
}
