import type { MedianRecovery, TrendLine, WeeklyReport } from "../../model/weekly-report.ts";

type Figures = Omit<WeeklyReport, "trend">;

interface Bounds {
  readonly low: number;
  readonly high: number;
}

interface Measure {
  readonly label: string;
  readonly unit: TrendLine["unit"];
  readonly of: (report: Figures) => number | null;
  /** Where it may lie, of what is estimated from a few; what overlaps is no difference. */
  readonly within?: (report: Figures) => Bounds | null;
  /** Which direction is good, or null when neither is by itself. */
  readonly good: "up" | "down" | null;
  /** Grows while the week lasts: until it is over, fewer than last week says nothing. */
  readonly grows?: true;
}

const MEASURES: readonly Measure[] = [
  {
    label: "unaffected among tested",
    unit: "share",
    of: ({ score }) => score.share?.point ?? null,
    within: ({ score }) => score.share,
    good: "up",
  },
  { label: "workloads tested", unit: "count", of: ({ coverage }) => coverage.hit, good: "up", grows: true },
  { label: "faults injected", unit: "count", of: ({ experiments }) => experiments.injected, good: null },
  {
    label: "median recovery",
    unit: "ms",
    of: ({ recovery }) => recovery.medianMs,
    within: ({ recovery }) => recoveryBounds(recovery),
    good: "down",
  },
  {
    label: "open findings",
    unit: "count",
    of: ({ findings }) => findings.filter(({ status }) => status !== "fixed").length,
    good: "down",
  },
  {
    label: "false alarms in shams",
    unit: "share",
    of: ({ falseAlarms }) => falseAlarms.share?.point ?? null,
    within: ({ falseAlarms }) => falseAlarms.share,
    good: "down",
  },
];

const recoveryBounds = ({ lowMs, highMs }: MedianRecovery): Bounds => ({
  low: lowMs ?? 0,
  high: highMs ?? Number.POSITIVE_INFINITY,
});

/**
 * This week beside the one before. Figures whose 95 % intervals overlap may differ by chance:
 * neither better nor worse.
 */
export function trendOf(now: Figures, before: WeeklyReport | null): WeeklyReport["trend"] {
  if (before === null) return null;
  return {
    week: before.week.id,
    lines: MEASURES.map(({ label, unit, of, within, good, grows }) => {
      const [then, here] = [of(before), of(now)];
      const better = grows && now.madeAtMs < now.week.toMs ? null : betterOf(then, here, good);
      const line = { label, unit, before: then, now: here };
      if (better === null || within === undefined || apart(within(before), within(now))) return { ...line, better };
      return { ...line, better: null, unsure: true as const };
    }),
  };
}

function betterOf(before: number | null, now: number | null, good: Measure["good"]): boolean | null {
  if (before === null || now === null || before === now || good === null) return null;
  return good === "up" ? now > before : now < before;
}

const apart = (a: Bounds | null, b: Bounds | null): boolean =>
  a !== null && b !== null && (a.high < b.low || b.high < a.low);
