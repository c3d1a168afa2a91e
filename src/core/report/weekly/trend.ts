import type { TrendLine, WeeklyReport } from "./model.ts";

type Figures = Omit<WeeklyReport, "trend">;

interface Measure {
  readonly label: string;
  readonly unit: TrendLine["unit"];
  readonly of: (report: Figures) => number | null;
  /** Which direction is good, or null when neither is by itself. */
  readonly good: "up" | "down" | null;
  /** Grows while the week lasts: until it is over, fewer than last week says nothing. */
  readonly grows?: true;
}

const MEASURES: readonly Measure[] = [
  { label: "resilient among tested", unit: "share", of: ({ score }) => score.share?.point ?? null, good: "up" },
  { label: "workloads tested", unit: "count", of: ({ coverage }) => coverage.hit, good: "up", grows: true },
  { label: "faults injected", unit: "count", of: ({ experiments }) => experiments.injected, good: null },
  { label: "median recovery", unit: "ms", of: ({ recovery }) => recovery.medianMs, good: "down" },
  {
    label: "weaknesses that stand",
    unit: "count",
    of: ({ findings }) => findings.filter(({ status }) => status !== "fixed").length,
    good: "down",
  },
  {
    label: "false alarms in controls",
    unit: "share",
    of: ({ falseAlarms }) => falseAlarms.share?.point ?? null,
    good: "down",
  },
];

/** This week beside the one before. A difference within the intervals is no news; the report says the intervals where it has them. */
export function trendOf(now: Figures, before: WeeklyReport | null): WeeklyReport["trend"] {
  if (before === null) return null;
  return {
    week: before.week.id,
    lines: MEASURES.map(({ label, unit, of, good, grows }) => {
      const [then, here] = [of(before), of(now)];
      const better = grows && now.madeAtMs < now.week.toMs ? null : betterOf(then, here, good);
      return { label, unit, before: then, now: here, better };
    }),
  };
}

function betterOf(before: number | null, now: number | null, good: Measure["good"]): boolean | null {
  if (before === null || now === null || before === now || good === null) return null;
  return good === "up" ? now > before : now < before;
}
