import { looksRecovered } from "../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../src/core/model/policy.ts";
import type { Observation } from "../../src/core/model/series.ts";
import type { SignalVerdict } from "../../src/core/model/verdict.ts";
import { type Random, randomOf } from "../lib/random.ts";
import { ask, BEFORE, callsOf, GEOMETRY, type Knowledge, LATE, type Question, REACH } from "./experiment.ts";
import { inject } from "./inject.ts";
import { momentsOf } from "./measure.ts";
import { generateWorld, type WorldKind, windowOf } from "./world.ts";

/** Late windows after the experiment in which damage that ended must be closed. */
export const WINDOWS = 3;
/** Bursts: at most so many steps, and so many times the odds of a slow answer. */
const LONGEST = 3;
const SIZES = [10, 40, 150, 600] as const;

/** What became of one short burst of slow answers after which the service was as before. */
export interface Recovery {
  readonly world: WorldKind;
  readonly knowledge: Knowledge;
  readonly verdict: string;
  /**
   * Late windows after which it was no longer open: 0 when the verdict left nothing open; null:
   * still open after the last.
   */
  readonly closedAfter: number | null;
}

/**
 * Injects short bursts of slow answers, and looks at the clean windows that follow as a worker
 * does.
 */
export function measureRecovery(world: WorldKind, services: number, seed: number, perMoment: number): Recovery[] {
  const { services: all, days, kind } = generateWorld(world, services, 8, seed);
  const calls = callsOf(all);
  const random = randomOf(seed ^ 0x4ec0);
  const out: Recovery[] = [];
  for (const moment of momentsOf({ services: all, days, kind })) {
    for (const knowledge of ["own-window", "week"] as const) {
      for (let i = 0; i < perMoment; i++) {
        const target = all[random.int(services)]!.service;
        const question = { services: all, calls, target, knowledge, ...moment };
        const found = verdictAfterBurst(question, random);
        if (found === null) continue;
        out.push({ world, knowledge, verdict: found.verdict.kind, closedAfter: closedAfter(question, found) });
      }
    }
  }
  return out;
}

/** The verdict on the target's latency; null when the burst was not found. */
function verdictAfterBurst(q: Question, random: Random): SignalVerdict | null {
  const clean = windowOf(q.services, q.t0 - BEFORE, q.t0 + REACH);
  const from = BEFORE + random.int(2);
  const size = SIZES[random.int(SIZES.length)]!;
  const to = from + 1 + random.int(LONGEST);
  const observation: Observation = inject(
    clean,
    { service: q.target, signal: "latency", size, course: "transient", from, to },
    random,
  );
  const { verdicts } = ask({ ...q, observation });
  const mine = verdicts.find((v) => v.service === q.target && v.signal === "latency");
  return mine === undefined || mine.verdict.kind === "steady" || mine.verdict.kind === "inconclusive" ? null : mine;
}

function closedAfter(q: Question, damage: SignalVerdict): number | null {
  const { kind } = damage.verdict;
  if (kind !== "persistent" && kind !== "unresolved") return 0;
  for (let windows = 1; windows <= WINDOWS; windows++) {
    const [look] = looksRecovered({
      observation: windowOf(q.services, q.t0 + REACH, q.t0 + REACH + windows * LATE),
      damage: [damage],
      geometry: GEOMETRY,
      minimumEffect: DEFAULT_MINIMUM_EFFECT,
    });
    if (look?.back) return windows;
  }
  return null;
}
