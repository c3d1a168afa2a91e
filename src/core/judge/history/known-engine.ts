import type { ServiceId } from "../../model/cluster.ts";
import type { Grid } from "../../model/series.ts";
import { HOUR_MS } from "../../model/units.ts";
import { Z_ONE_SIDED } from "../../stats/normal.ts";
import { type Part, partsOf } from "../engine/comparison.ts";
import type { Engine, SignalTest } from "../engine/engine.ts";
import { fewestHurt } from "../engine/minimum-effect.ts";
import type { Arena } from "../input/arena.ts";
import { Q_WITH_RECORD } from "../input/constants.ts";
import { isCovered } from "../input/coverage.ts";
import type { Known } from "../input/known.ts";
import { knownSteps, sumKnown, validSteps } from "../input/masked.ts";
import type { Nulls, SignalNull } from "../input/nulls.ts";
import { shapeOf } from "../input/shape.ts";
import { isIdle, knownBy } from "../input/track.ts";
import { type Span, spanLength, type Windows } from "../input/windows.ts";
import { criticalV } from "./critical.ts";
import { type KnownComparison, knownMeter, rateBefore, shareBefore, strongestStretch } from "./known-baseline.ts";
import { knownDetectable } from "./known-detectable.ts";
import { type KnownTest, knownTest, type RateOutlook } from "./known-test.ts";
import { poolKey } from "./nulls.ts";

/** What all tests against history of one judgement share. */
export interface HistoryContext {
  readonly nulls: Nulls;
  /** What is expected of a service's request rate. */
  outlook(service: ServiceId): RateOutlook;
  /** For one test after the other. */
  readonly memory: Arena;
}

/**
 * What the history knows of a signal, where it decides: its nulls are for such windows and have no
 * holes, so enough must be known before and after, with requests in both, but for a rate.
 */
export function decisive(comparison: KnownComparison, nulls: Nulls): SignalNull | null {
  const { track, windows, grid } = comparison;
  const known = nulls.bySignal.get(track.key);
  if (known === undefined || !fits(nulls, windows, grid) || isIdle(track, windows)) return null;
  const { before, after } = windows;
  const busy = sumKnown(knownBy(track), before) > 0 && sumKnown(knownBy(track), after) > 0;
  const scraped = (span: Span): number => validSteps(track.valid.subarray(span.from, span.to));
  const covered = isCovered(scraped(before), spanLength(before), scraped(after), spanLength(after));
  return (busy || comparison.form === "rate") && covered ? known : null;
}

/** Judges against a day of its own history or more, and that of all services (judge.md §2.5). */
export function knownEngine(comparison: KnownComparison, known: SignalNull, context: HistoryContext): Engine {
  const engine: Engine = {
    comparison,
    learning: false,
    test: () => testsOf(comparison, known, context).map((test) => ({ ...test, engine })),
    matters: (test, z) => matters(comparison, known, test, z),
    strongest: () => strongestStretch(comparison, comparison.windows.after, "early", known),
    detectable(test, row, { p, selectiveZ, most }) {
      const reach = (component: "shift" | "scan") => {
        const one = known.components[component]!;
        // Half of it: scan and shift share one p.
        const v = criticalV(one, context.nulls.pools.get(poolKey(known.signal, component))!, p / 2);
        const spread = one.spread * test.noise;
        return v === null ? null : { score: one.median + spread * v, deviate: spread / DEVIATES_PER_SPREAD };
      };
      const critical = { shift: reach("shift"), scan: reach("scan"), z: selectiveZ, most };
      return knownDetectable(comparison, row, known, critical);
    },
    meter: (row) => knownMeter(comparison, row, known),
  };
  return engine;
}

/**
 * Spreads of a null (q95 − median) in deviates of a normal one: what makes scores of both engines
 * comparable.
 */
const DEVIATES_PER_SPREAD = Z_ONE_SIDED;

function testsOf(
  comparison: KnownComparison,
  known: SignalNull,
  { nulls, outlook, memory }: HistoryContext,
): Omit<SignalTest, "engine">[] {
  const { track, windows } = comparison;
  const tests = knownTest({ ...comparison, known }, nulls, () => outlook(track.service), memory.take);
  memory.reset();
  return partsOf(windows).map((part) => {
    const { p, v } = combine(tests, part);
    // What cannot be rejected needs no strongest stretch: with hundreds of services this is most of
    // the work.
    const stretch =
      p <= Q_WITH_RECORD ? strongestStretch(comparison, windows[part], part, known) : { block: windows[part], row: 0 };
    const noise = tests.shift?.noise ?? 1;
    return { ...stretch, z: v * DEVIATES_PER_SPREAD, p, part, widened: 1, idle: false, noise };
  });
}

/** Early: the better of scan and shift, paid for twice. Late: the shift alone. */
function combine(tests: KnownTest, part: Part): { p: number; v: number } {
  if (part === "late") return { p: tests.late?.p ?? 1, v: tests.late?.v ?? 0 };
  const [scan, shift] = [tests.scan!, tests.shift!];
  return { p: Math.min(1, 2 * Math.min(scan.p, shift.p)), v: Math.max(scan.v, shift.v) };
}

/** Share of the hour's requests that a burst of failures must reach: judge.md §2.8. */
const BURST_SHARE = 0.0005;

/**
 * At least the minimum effect in the strongest stretch, and enough requests that were hurt
 * (judge.md §2.8).
 */
function matters(compared: KnownComparison, known: Known, { row, block }: SignalTest, z: number): boolean {
  const meter = knownMeter(compared, row, known);
  const bounds = meter.at(block, z);
  return bounds !== null && bounds.low > meter.minimum && hurtsEnough(compared, known, row, block);
}

function hurtsEnough(compared: KnownComparison, known: Known, row: number, block: Span): boolean {
  const fewest = fewestHurt(compared.track.signal, compared.effect);
  if (compared.form === "rate") {
    const { n } = compared.track;
    return rateBefore(compared, known).perStep * knownSteps(n, block) - sumKnown(n, block) >= fewest;
  }
  const series = compared.track.rows[row]!;
  const baseline = shareBefore(compared, row, known);
  const excess = sumKnown(series.k, block) - sumKnown(series.n, block) * baseline.share;
  if (compared.track.signal === "latency") return excess >= fewest;
  const hourly = (baseline.n / Math.max(baseline.steps, 1)) * (HOUR_MS / compared.grid.stepMs);
  return excess >= Math.max(fewest, BURST_SHARE * hourly);
}

/**
 * Nulls hold for windows of the same length on the same step; the late window may lie a little
 * elsewhere.
 */
function fits(nulls: Nulls, windows: Windows, grid: Grid): boolean {
  const shape = shapeOf(windows);
  return (
    nulls.stepMs === grid.stepMs &&
    nulls.shape.before === shape.before &&
    nulls.shape.early === shape.early &&
    nulls.shape.late === shape.late
  );
}
