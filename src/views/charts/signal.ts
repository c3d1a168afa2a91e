import type { EChartsCoreOption } from "echarts/core";
import { formatShare } from "../../core/text/format.ts";
import { type Drawing, drawSvg } from "./draw.ts";
import type { ChartMinutes, WindowMinutes } from "./windows.ts";

/**
 * Small multiples: three in a row on a wide screen, one below the other on a small one, at their
 * true size in both.
 */
const SIGNAL_WIDTH = 380;
const SIGNAL_HEIGHT = 170;

/** One step of a curve, in minutes from the injection. */
export interface SignalStep {
  readonly from: number;
  readonly to: number;
  /** Null where nothing was scraped or asked for. */
  readonly value: number | null;
}

/** What is normal from one minute to another. */
export interface BandPiece {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** One curve of one service: what happened, step by step. */
export interface SignalSeries {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly unit: "share" | "count";
  /** In order, without a hole between them. */
  readonly steps: readonly SignalStep[];
  readonly colour: string;
  /** In order; empty: nobody knows. */
  readonly band: readonly BandPiece[];
}

/** Draws one curve with the windows of the experiment behind it. */
export async function signalChart(series: SignalSeries, windows: ChartMinutes): Promise<Drawing> {
  const { id, title, description } = series;
  const size = { width: SIGNAL_WIDTH, height: SIGNAL_HEIGHT };
  return { title, description, svg: await drawSvg(optionOf(series, windows), { id, description, ...size }) };
}

const INK = "var(--muted)";
const LINE = "var(--line)";

/**
 * The corners of the curve: each step is as high as it was counted from its beginning to its end,
 * so nothing rises before the step in which it was counted.
 */
const cornersOf = (steps: readonly SignalStep[]): (readonly [number, number | null])[] =>
  steps.flatMap(({ from, to, value }) => [
    [from, value],
    [to, value],
  ]);

/** The band lies behind the curve: a bottom that is not seen, and what stands on it. */
function bandSeries(band: readonly BandPiece[]) {
  const part = (heightOf: (piece: BandPiece) => number, seen: boolean) => ({
    type: "line",
    silent: true,
    stack: "band",
    data: band.flatMap((piece) => [
      [piece.from, heightOf(piece)],
      [piece.to, heightOf(piece)],
    ]),
    showSymbol: false,
    lineStyle: { width: 0 },
    ...(seen ? { areaStyle: { color: INK, opacity: 0.28 } } : {}),
  });
  return band.length === 0 ? [] : [part(({ low }) => low, false), part(({ low, high }) => high - low, true)];
}

function optionOf({ steps, unit, colour, band }: SignalSeries, windows: ChartMinutes): EChartsCoreOption {
  const highest = [...steps.map(({ value }) => value ?? 0), ...band.map(({ high }) => high)];
  const top = niceTop(Math.max(0, ...highest), unit);
  const [from, to] = [Math.floor(windows.from), Math.ceil(windows.axisTo)];
  const every = minutesBetweenLabels(to - from);
  return {
    grid: { left: 46, right: 14, top: 22, bottom: 28 },
    xAxis: {
      type: "value",
      min: from,
      max: to,
      interval: every,
      axisLabel: {
        color: INK,
        fontSize: 11,
        formatter: minuteLabel,
        showMinLabel: from % every === 0,
        showMaxLabel: to % every === 0,
      },
      axisLine: { lineStyle: { color: LINE }, onZero: false },
      axisTick: { lineStyle: { color: LINE } },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      max: top,
      interval: top / 2,
      axisLabel: { color: INK, fontSize: 11, formatter: unit === "share" ? formatShare : plainNumber },
      // the line would stand at minute 0, where the fault has its own
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: LINE } },
    },
    series: [
      ...bandSeries(band),
      {
        type: "line",
        silent: true,
        data: cornersOf(steps),
        showSymbol: false,
        connectNulls: false,
        lineStyle: { color: colour, width: 2 },
        areaStyle: { color: colour, opacity: 0.14 },
        markArea: { silent: true, data: areas(windows) },
        markLine: { silent: true, symbol: "none", data: marks(windows) },
      },
    ],
  };
}

/**
 * A share of nothing still needs a scale on which a little would look little; counts get a top that
 * divides well.
 */
function niceTop(highest: number, unit: SignalSeries["unit"]): number {
  if (unit === "share") return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((top) => top >= highest * 1.05) ?? 1;
  if (highest <= 0) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(highest));
  return ([1, 1.5, 2, 3, 5, 10].find((top) => top * magnitude >= highest * 1.05) ?? 10) * magnitude;
}

/** Labels far enough apart to be read, at round minutes. */
const minutesBetweenLabels = (span: number): number =>
  [1, 2, 5, 10, 15, 30, 60, 120].find((every) => span / every <= 6) ?? 240;

const minuteLabel = (minute: number): string => (minute > 0 ? `+${minute}` : minute < 0 ? `−${-minute}` : "0");
const plainNumber = (value: number): string =>
  value >= 10_000 ? `${value / 1_000}k` : String(Number(value.toFixed(2)));

/**
 * Early and late are what is judged; the time between is not. Where they overlap, late is shown.
 */
function areas({ early, late, to }: WindowMinutes) {
  const area = (from: number, until: number, colour: string) => [
    { xAxis: from, itemStyle: { color: colour, opacity: 0.1 } },
    { xAxis: until },
  ];
  return [
    ...(early === null ? [] : [area(0, Math.min(early, late ?? early), "var(--early)")]),
    ...(late === null ? [] : [area(late, to, "var(--late)")]),
  ];
}

function marks({ clear, began, cleared, recovered }: ChartMinutes) {
  const mark = (at: number, name: string, type: "solid" | "dashed") => ({
    xAxis: at,
    lineStyle: { color: "var(--ink)", width: 1, type },
    label: { formatter: name, color: INK, fontSize: 10, distance: 3 },
  });
  const close = clear !== null && clear < 2;
  return [
    mark(0, close ? "" : began, "solid"),
    ...(clear === null ? [] : [mark(clear, close ? `${began}, ${cleared}` : cleared, "dashed")]),
    ...(recovered === null ? [] : [mark(recovered, "recovered", "dashed")]),
  ];
}
