import type { EChartsCoreOption } from "echarts/core";
import type { Outcome } from "../../core/model/outcome.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { WeeklyReport } from "../../core/model/weekly-report.ts";
import { type Drawing, drawSvg } from "./draw.ts";

const SIZE = { width: 720, height: 190 };
/** Drawn from the ground up: what people should worry about is on top. */
const FROM_BELOW: readonly Outcome[] = ["unknown", "unaffected", "recovered", "not recovered"];
const COLOUR: Readonly<Record<Outcome, string>> = {
  unknown: "var(--v-inconclusive)",
  unaffected: "var(--v-steady)",
  recovered: "var(--v-transient)",
  "not recovered": "var(--v-persistent)",
};

/** Judged faults of each day by outcome, or null when there were none. */
export async function weekChart({ experiments, week }: WeeklyReport): Promise<Drawing | null> {
  const faults = experiments.lines.filter((line) => !line.sham);
  if (faults.length === 0) return null;
  // noon of each day of the week: no change of clocks moves it to another day
  const noons = [0, 1, 2, 3, 4, 5, 6].map((day) => week.fromMs + day * DAY_MS + DAY_MS / 2);
  const dayOf = new Intl.DateTimeFormat("en-GB", { timeZone: week.timezone, weekday: "short", day: "numeric" });
  const days = noons.map((noon) => dayOf.format(noon));
  const count = (day: string, outcome: Outcome): number =>
    faults.filter((line) => line.outcome === outcome && dayOf.format(line.atMs) === day).length;
  const description = `Judged faults of each day: ${FROM_BELOW.map((outcome) => `${faults.filter((line) => line.outcome === outcome).length} ${outcome}`).join(", ")}`;
  const stacks = FROM_BELOW.map((outcome) => ({ outcome, values: days.map((day) => count(day, outcome)) }));
  const svg = await drawSvg(optionOf(days, stacks), { id: `week-${week.id}`, description, ...SIZE });
  return { title: "Judged faults of each day", description, svg };
}

function optionOf(
  days: readonly string[],
  stacks: readonly { readonly outcome: Outcome; readonly values: readonly number[] }[],
): EChartsCoreOption {
  const axis = { axisLine: { lineStyle: { color: "var(--line)" } }, axisTick: { show: false } };
  const axisLabel = { color: "var(--muted)", fontSize: 11 };
  return {
    grid: { left: 30, right: 8, top: 10, bottom: 26 },
    xAxis: { type: "category", data: [...days], axisLabel, ...axis },
    yAxis: {
      type: "value",
      minInterval: 1,
      axisLabel,
      splitNumber: 3,
      splitLine: { lineStyle: { color: "var(--line)" } },
    },
    series: stacks.map(({ outcome, values }) => ({
      type: "bar",
      stack: "outcomes",
      silent: true,
      barMaxWidth: 46,
      data: [...values],
      itemStyle: { color: COLOUR[outcome] },
    })),
  };
}
