import { instantScores } from "../../src/core/judge/design/instant-scores.ts";
import { minuteScores } from "../../src/core/judge/design/levels.ts";
import type { MinuteScores } from "../../src/core/model/minutes.ts";
import type { ServiceCounts } from "../../src/core/model/series.ts";
import { DAY_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import type { Random } from "../lib/random.ts";
import type { InjectedSignal } from "../truth/inject.ts";
import { windowOf } from "../truth/world.ts";

const DAY = DAY_MS / MINUTE_MS;
/** A week of history, and two days from which instants are drawn. */
export const DAYS = 9;
/** Experiments whose blocks of minutes find room in them, an hour apart at least. */
export const BLOCKS = 6;
/** Steps from the start of a block to that of the next. */
const APART = 460;
const EARLY = 10;
const BEFORE = 30;
/** What the gate "degraded" asks before each injection: src/app/preflight/facts.ts. */
const GATE = { steps: 5, failures: 5, share: 0.05 } as const;

/** First step of block `r`. */
export const blockAt = (r: number): number => (DAYS - 2) * DAY + BEFORE + r * APART;

/**
 * Scores of one signal at all `size` minutes of block `r`, from the week before its end; null when
 * its history says nothing.
 */
export function blockScores(
  service: ServiceCounts,
  signal: InjectedSignal,
  r: number,
  size: number,
): Float64Array | null {
  const [from, end] = [blockAt(r), blockAt(r) + size + EARLY + 2];
  const atMs = from * MINUTE_MS;
  const drawn = {
    slotMs: atMs,
    t0Ms: atMs,
    candidates: { fromMs: atMs, toMs: atMs + size * MINUTE_MS },
    geometry: { stepMs: MINUTE_MS, beforeMs: BEFORE * MINUTE_MS, earlyMs: EARLY * MINUTE_MS },
    observedToMs: atMs,
  };
  return instantScores(windowOf([service], end - 7 * DAY, end), signal, drawn, [])?.scores ?? null;
}

/** The minutes of a block at which no gate would have refused, because nobody fails already. */
export function openMinutes(services: readonly ServiceCounts[], r: number, size: number): readonly number[] {
  return Array.from({ length: size }, (_, i) => i).filter((i) =>
    services.every(({ failures, requests }) => {
      let [k, n] = [0, 0];
      for (let step = blockAt(r) + i - GATE.steps; step < blockAt(r) + i; step++) {
        k += failures[step]!;
        n += requests[step]!;
      }
      return k < GATE.failures || k < GATE.share * n;
    }),
  );
}

/** What is kept when one of `open` is drawn; null when nothing is known of it. */
export function drawFrom(scores: Float64Array, open: readonly number[], random: Random): MinuteScores | null {
  const drawn = open.length === 0 ? -1 : open[random.int(open.length)]!;
  return minuteScores(null, { scores, drawn });
}
