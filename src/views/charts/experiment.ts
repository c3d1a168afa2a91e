import type { ExperimentState } from "../../core/model/experiment.ts";
import { type Grid, type Observation, type ServiceCounts, stepStartMs } from "../../core/model/series.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import type { SignalVerdict } from "../../core/model/verdict.ts";
import type { ServiceBands, SignalBand } from "../../core/observe/band.ts";
import { formatDuration } from "../../core/text/format.ts";
import type { Drawing } from "./draw.ts";
import { type BandPiece, type SignalSeries, signalChart } from "./signal.ts";
import { type ChartMinutes, chartMinutes, windowsOf } from "./windows.ts";

export interface ServiceCharts {
  readonly service: string;
  readonly charts: readonly Drawing[];
  /** What the charts are drawn from, for a table. */
  readonly series: readonly SignalSeries[];
  /** Days that the bands of what is normal rest on; null: there is none. */
  readonly days: number | null;
}

/** Charts of failures, latency and rate for each of `services` that was observed, in that order. */
export async function experimentCharts(
  state: ExperimentState,
  observation: Observation,
  { services, bands }: { readonly services: readonly string[]; readonly bands: readonly ServiceBands[] },
): Promise<readonly ServiceCharts[]> {
  const windows = windowsOf(state);
  if (windows === null || state.t0Ms === null) return [];
  const { grid } = observation;
  const lastStep = (grid.startMs + grid.steps * grid.stepMs - state.t0Ms) / MINUTE_MS;
  const recovered = state.recoveredMs === null ? null : (state.recoveredMs - state.t0Ms) / MINUTE_MS;
  const minutes = chartMinutes(windows, recovered, lastStep);
  const drawn: ServiceCharts[] = [];
  for (const service of services) {
    const counts = observation.services.find((one) => one.service === service);
    if (counts === undefined) continue;
    const band = bands.find((one) => one.service === service) ?? null;
    const verdicts = state.judgement?.verdicts ?? [];
    const about = { counts, grid: observation.grid, t0Ms: state.t0Ms, verdicts, band };
    const shown = seriesOf(about)
      .map((all) => within(all, minutes))
      .filter(({ steps }) => steps.some(({ value }) => value !== null));
    const charts: Drawing[] = [];
    for (const one of shown) charts.push(await signalChart(one, minutes));
    drawn.push({ service, charts, series: shown, days: band?.days ?? null });
  }
  return drawn;
}

/** The curve goes no farther than the axis: later steps belong to the follow-up. */
const within = (series: SignalSeries, { from, axisTo }: ChartMinutes): SignalSeries => {
  const [first, last] = [Math.floor(from), Math.ceil(axisTo)];
  const inside = series.steps.filter((step) => step.to > first && step.from < last);
  const cut = <S extends { from: number; to: number }>(step: S): S => ({
    ...step,
    from: Math.max(step.from, first),
    to: Math.min(step.to, last),
  });
  const band = series.band.filter((piece) => piece.to > first && piece.from < last);
  return { ...series, steps: inside.map(cut), band: band.map(cut) };
};

interface About {
  readonly counts: ServiceCounts;
  readonly grid: Grid;
  readonly t0Ms: number;
  readonly verdicts: readonly SignalVerdict[];
  readonly band: ServiceBands | null;
}

function seriesOf(about: About): SignalSeries[] {
  const { counts } = about;
  if (counts.connections !== null && counts.latency === null) return [connectionSeries(about), openedSeries(about)];
  return [failureSeries(about), ...latencySeries(about), rateSeries(about)];
}

function failureSeries(about: About): SignalSeries {
  const { requests, failures } = about.counts;
  return series(
    about,
    {
      name: "failures",
      title: "Failed requests",
      unit: "share",
      colour: "var(--v-persistent)",
      normal: about.band?.failures,
    },
    (i) => ratio(failures[i], requests[i]),
  );
}

/** The bound that changed most, when the judge named one; else the middle one. */
function latencySeries(about: About): SignalSeries[] {
  const { latency, service } = about.counts;
  if (latency === null || latency.boundsMs.length === 0) return [];
  const named = about.verdicts.find((v) => v.service === service && v.signal === "latency")?.effect?.boundMs ?? null;
  const at = named === null ? -1 : latency.boundsMs.indexOf(named);
  const row = at === -1 ? Math.floor(latency.boundsMs.length / 2) : at;
  const bound = formatDuration(latency.boundsMs[row] ?? 0);
  const slow = latency.slow[row];
  const normal = about.band?.latency.find(({ boundMs }) => boundMs === latency.boundsMs[row]);
  return [
    series(
      about,
      { name: "latency", title: `Slower than ${bound}`, unit: "share", colour: "var(--v-transient)", normal },
      (i) => ratio(slow?.[i], latency.successes[i]),
    ),
  ];
}

function rateSeries(about: About): SignalSeries {
  const seconds = about.grid.stepMs / SECOND_MS;
  return series(
    about,
    { name: "rate", title: "Requests per second", unit: "count", colour: "var(--v-steady)", normal: about.band?.rate },
    (i) => (about.counts.requests[i] ?? 0) / seconds,
  );
}

function connectionSeries(about: About): SignalSeries {
  const connections = about.counts.connections;
  return series(
    about,
    { name: "connections", title: "Failed connections", unit: "share", colour: "var(--v-persistent)" },
    (i) => ratio(connections?.failed[i], (connections?.opened[i] ?? 0) + (connections?.failed[i] ?? 0)),
  );
}

function openedSeries(about: About): SignalSeries {
  const opened = about.counts.connections?.opened;
  return series(
    about,
    { name: "opened", title: "Connections opened a step", unit: "count", colour: "var(--v-steady)" },
    (i) => opened?.[i] ?? 0,
  );
}

interface Look extends Pick<SignalSeries, "title" | "unit" | "colour"> {
  readonly name: string;
  readonly normal?: SignalBand | undefined;
}

/** Pieces of a band in minutes from the fault; where too little is known there is none. */
const bandOf = ({ fromMs, pieceMs, low, high }: SignalBand, t0Ms: number): readonly BandPiece[] =>
  low.flatMap((bottom, i) => {
    const top = high[i];
    if (bottom === null || top == null) return [];
    const from = (fromMs + i * pieceMs - t0Ms) / MINUTE_MS;
    return [{ from, to: from + pieceMs / MINUTE_MS, low: bottom, high: top }];
  });

function series(
  { counts, grid, t0Ms }: About,
  { name, title, unit, colour, normal }: Look,
  valueAt: (step: number) => number | null,
): SignalSeries {
  const startOf = (i: number): number => (stepStartMs(grid, i) - t0Ms) / MINUTE_MS;
  // the step in which the fault lies begins with it: what came of the fault did not come before it
  const edgeOf = (i: number): number => (startOf(i) < 0 && startOf(i + 1) > 0 ? 0 : startOf(i));
  const steps = Array.from({ length: grid.steps }, (_, i) => ({
    from: edgeOf(i),
    to: edgeOf(i + 1),
    value: counts.valid[i] === 1 ? valueAt(i) : null,
  }));
  return {
    id: `${counts.service.replaceAll(/[^a-z0-9]/gi, "-")}-${name}`,
    title,
    description: `${title} of ${counts.service}, minutes from the moment of the fault${normal === undefined ? "" : ", before the band of what is normal at this hour"}`,
    band: normal === undefined ? [] : bandOf(normal, t0Ms),
    unit,
    steps,
    colour,
  };
}

/** A share of no requests is not known. */
const ratio = (part: number | undefined, whole: number | undefined): number | null =>
  whole === undefined || whole <= 0 ? null : (part ?? 0) / whole;
