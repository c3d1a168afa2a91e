import { Cron } from "croner";
import type { ExperimentId } from "../model/experiment.ts";
import type { Policy, Schedule } from "../model/policy.ts";
import { WEEKDAYS } from "../model/policy.ts";
import { MINUTE_MS, type Window } from "../model/units.ts";
import { nextIndex, randomFrom, seedOf } from "../random.ts";
import { type Calendar, closedIn } from "./calendar.ts";
import { addDays, type LocalDate, localDate, localSpans, mergeWindows, subtractWindows, weekdayIndex } from "./zone.ts";

/** One planned experiment: a random instant that the policy and the calendar permit. */
export interface Slot {
  readonly id: ExperimentId;
  readonly policy: string;
  readonly slotMs: number;
  /** Seed of every choice made in this experiment. */
  readonly seed: number;
  readonly sham: boolean;
  /**
   * The minutes among which the instant was drawn, without a gap: `fromMs`, `fromMs + 1 min`, …
   * below `toMs`.
   */
  readonly candidates: { readonly fromMs: number; readonly toMs: number; readonly count: number };
}

/** `<policy>-<20260306T091500Z>`: the same for every replica that plans this slot. */
export function slotId(policy: string, slotMs: number): ExperimentId {
  return `${policy}-${new Date(slotMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/**
 * The slots of `policy` with `fromMs ≤ slotMs < toMs`, in order. They depend on the policy, the
 * calendar and the seed alone, never on when or for which stretch they are asked: two replicas, or
 * one after a restart, plan the same. Mode `observe` has none; mode `sham` only shams.
 */
export function nextSlots(
  policy: Policy,
  calendar: Calendar,
  fromMs: number,
  toMs: number,
  clusterSeed: number,
): readonly Slot[] {
  if (policy.mode === "observe" || !(fromMs < toMs)) return [];
  const draws =
    policy.schedule.when.kind === "windows"
      ? windowDraws(policy, calendar, fromMs, toMs, clusterSeed)
      : cronDraws(policy, calendar, fromMs, toMs, clusterSeed);
  const bySlot = new Map<number, Slot>();
  for (const draw of draws) {
    const inside = fromMs <= draw.slotMs && draw.slotMs < toMs;
    if (inside && !bySlot.has(draw.slotMs)) bySlot.set(draw.slotMs, slotOf(policy, draw, clusterSeed));
  }
  return [...bySlot.values()].toSorted((a, b) => a.slotMs - b.slotMs);
}

interface Draw {
  readonly slotMs: number;
  readonly candidates: Slot["candidates"];
}

function slotOf(policy: Policy, draw: Draw, clusterSeed: number): Slot {
  const id = slotId(policy.name, draw.slotMs);
  const shamDraw = randomFrom(seedOf(`${clusterSeed}/${id}/sham`)).next();
  return {
    id,
    policy: policy.name,
    slotMs: draw.slotMs,
    seed: seedOf(`${clusterSeed}/${id}`),
    sham: policy.mode === "sham" || shamDraw < policy.schedule.shamShare,
    candidates: draw.candidates,
  };
}

/**
 * The stretches of `date` in which `schedule` (of windows) permits an injection, before the
 * calendar's closed periods.
 */
function openSpans(schedule: Schedule, date: LocalDate): Window[] {
  if (schedule.when.kind !== "windows") return [];
  const weekday = WEEKDAYS[weekdayIndex(date)];
  const today = schedule.when.windows.filter((window) => window.days.some((day) => day === weekday));
  return mergeWindows(
    today.flatMap((window) => localSpans(schedule.timezone, date, window.fromMinute, window.toMinute)),
  );
}

/**
 * Every local day that may have an instant in `[fromMs, toMs)`; one more at each end, for clocks
 * that are set back over midnight.
 */
function daysBetween(timezone: string, fromMs: number, toMs: number): LocalDate[] {
  const last = addDays(localDate(timezone, toMs - 1), 1);
  const days = [addDays(localDate(timezone, fromMs), -1)];
  for (let day = days[0] ?? last; day < last; ) {
    day = addDays(day, 1);
    days.push(day);
  }
  return days;
}

function* windowDraws(policy: Policy, calendar: Calendar, fromMs: number, toMs: number, clusterSeed: number) {
  const { schedule } = policy;
  if (schedule.when.kind !== "windows") return;
  for (const date of daysBetween(schedule.timezone, fromMs, toMs)) {
    const minutes = openMinutes(openSpans(schedule, date), calendar);
    const strata = Math.min(schedule.when.perDay, minutes.length);
    for (let k = 0; k < strata; k++) {
      const stratum = minutes.slice(
        Math.floor((k * minutes.length) / strata),
        Math.floor(((k + 1) * minutes.length) / strata),
      );
      yield drawOf(stratum, `${clusterSeed}/${policy.name}/${date}/${k}`);
    }
  }
}

function* cronDraws(policy: Policy, calendar: Calendar, fromMs: number, toMs: number, clusterSeed: number) {
  const { when, timezone } = policy.schedule;
  if (when.kind !== "cron") return;
  const cron = new Cron(when.cron, { timezone, mode: "5-part", paused: true });
  const spanMs = Math.max(MINUTE_MS, when.jitterMs);
  const firstMs = Math.floor((fromMs - spanMs) / MINUTE_MS) * MINUTE_MS;
  for (let tick = cron.nextRun(new Date(firstMs)); tick !== null; tick = cron.nextRun(tick)) {
    const tickMs = tick.getTime();
    if (tickMs >= toMs) return;
    const minutes = openMinutes([{ fromMs: tickMs, toMs: tickMs + spanMs }], calendar);
    if (minutes.length > 0) yield drawOf(minutes, `${clusterSeed}/${policy.name}/${tickMs}`);
  }
}

/** Starts of the whole minutes of `spans` that the calendar leaves open, ascending. */
function openMinutes(spans: readonly Window[], calendar: Calendar): number[] {
  const minutes: number[] = [];
  for (const span of spans) {
    for (const open of subtractWindows([span], closedIn(calendar, span))) {
      for (let atMs = open.fromMs; atMs < open.toMs; atMs += MINUTE_MS) minutes.push(atMs);
    }
  }
  return minutes;
}

/**
 * One of `minutes` (ascending, not empty). The candidates are its neighbours without a gap: given
 * that stretch, the draw is uniform in it.
 */
function drawOf(minutes: readonly number[], seedText: string): Draw {
  const drawn = nextIndex(minutes.length, randomFrom(seedOf(seedText)));
  const at = (i: number): number => minutes[i] ?? Number.NaN;
  let first = drawn;
  while (first > 0 && at(first) - at(first - 1) === MINUTE_MS) first--;
  let last = drawn;
  while (last < minutes.length - 1 && at(last + 1) - at(last) === MINUTE_MS) last++;
  return {
    slotMs: at(drawn),
    candidates: { fromMs: at(first), toMs: at(last) + MINUTE_MS, count: last - first + 1 },
  };
}

/**
 * Why the policy's own windows do not permit an injection at `atMs`, or null. A cron line has no
 * windows.
 */
export function whyOutsideWindow(schedule: Schedule, atMs: number): string | null {
  if (schedule.when.kind === "cron") return null;
  const today = openSpans(schedule, localDate(schedule.timezone, atMs));
  if (today.some((span) => span.fromMs <= atMs && atMs < span.toMs)) return null;
  return `outside the policy's windows (${schedule.timezone})`;
}

/**
 * When the cron line runs for the first time after `atMs`, or null when it never does. @throws if
 * the line or the zone is not one.
 */
export function nextCronRunMs(cron: string, timezone: string, atMs: number): number | null {
  return new Cron(cron, { timezone, mode: "5-part", paused: true }).nextRun(new Date(atMs))?.getTime() ?? null;
}
