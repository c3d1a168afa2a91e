import type { ServiceId } from "../model/cluster.ts";
import type { MinimumEffect } from "../model/policy.ts";
import type { Observation } from "../model/series.ts";
import { isDegraded, type Judgement, type Signal, type SignalVerdict } from "../model/verdict.ts";
import { medianOf } from "../stats/quantile.ts";
import { formatDuration } from "../text/format.ts";
import { buildNulls } from "./history/null-book.ts";
import { outlooksOf } from "./history/outlook.ts";
import { arena } from "./input/arena.ts";
import { type CallGraph, callGraph, familyOf } from "./input/call-graph.ts";
import { KNOWN_AFTER_MS, ORIGIN_EVIDENCE, STALE_AFTER_MS } from "./input/constants.ts";
import type { JudgeInput } from "./input/input.ts";
import type { Nulls } from "./input/nulls.ts";
import { ownWindow, type Records, recordsOf } from "./input/records.ts";
import { shapeOf } from "./input/shape.ts";
import { type Track, tracksOf } from "./input/track.ts";
import { spanLength, type Windows, windowsOf } from "./input/windows.ts";
import { surroundings } from "./verdict/confounding.ts";
import { discover } from "./verdict/discover.ts";
import { ownDeviate } from "./verdict/evidence.ts";
import { headlineOf } from "./verdict/legal.ts";
import { noData } from "./verdict/no-data.ts";
import { originOf } from "./verdict/origin.ts";
import { type SignalTest, type TestContext, testsOf } from "./verdict/signal-tests.ts";
import { signalVerdict } from "./verdict/signal-verdict.ts";
import { starvedServices } from "./verdict/starved.ts";
import { commonSwings } from "./window/common-swing.ts";
import type { Part } from "./window/measure.ts";

export { looksRecovered, type RecoveryLook } from "./course/looks-recovered.ts";
export { buildNulls, nullBook, type Pages } from "./history/null-book.ts";
export type { Call, JudgeInput } from "./input/input.ts";
export type { Nulls } from "./input/nulls.ts";
export type { QuantileSeries } from "./input/quantile-series.ts";
export type { Shape } from "./input/shape.ts";

/**
 * What every service did around t0: a verdict per service and signal, where it began, and the
 * headline over those concerned. Pure. Follows judge.md §2.16 (short windows, widened by placebos
 * of the quiet record), §2.9 (onset and recovery) and §2.17 (origin).
 * @param nullsOf makes the nulls when `input` brings none: a `nullBook` keeps them for the next
 * time
 * @throws RangeError when the history has another step than the observation
 */
export function judge(input: JudgeInput, nullsOf: NullsOf = buildNulls): Judgement {
  const { observation } = input;
  const windows = windowsOf(observation.grid, input.t0Ms, input.clearMs, input.geometry, input.extendedMs);
  const tracks = tracksOf(maskOwnInjections(input), input.quantiles);
  const records = recordsOf(input, windows);
  const effectFor = effectOfService(input.minimumEffect);
  const parts: readonly Part[] = spanLength(windows.late) > 0 ? ["early", "late"] : ["early"];
  const nulls = nullsFor(input, windows, nullsOf);
  const graph = callGraph(input.calls);
  const family = familyOf(graph, input.concerned);
  const outlook = outlooksOf(input.observation, records, windows, family);
  const common = commonSwings(tracks, windows.before);
  const { grid } = observation;
  const context: TestContext = { windows, grid, parts, records, nulls, common, outlook, memory: arena() };
  const tests = tracks.flatMap((track) => testsOf(track, effectFor(track.service), context));
  const discoveries = discover(tests, windows, observation.grid.stepMs, effectFor, family);
  const around = surroundings(tests, family, windows, observation.grid);
  const foundBefore = new Set(input.foundBefore?.map((one) => `${one.service} ${one.signal}`));
  const groups = Map.groupBy(tests, (t) => `${t.track.service} ${t.track.signal}`);
  const verdicts = [...groups].map(([key, group]) =>
    signalVerdict(group, {
      grid: observation.grid,
      windows,
      t0Ms: input.t0Ms,
      effect: effectFor(group[0]!.track.service),
      discoveries,
      learning: isLearning(group[0]!, records, input),
      cutShort: input.cutShort ?? null,
      nulls,
      common,
      around,
      foundBefore: foundBefore.has(key),
    }),
  );
  return conclude(input, { windows, tests, tracks, verdicts, graph, records });
}

type NullsOf = typeof buildNulls;

const effectOfService = (effect: JudgeInput["minimumEffect"]): ((service: ServiceId) => MinimumEffect) =>
  typeof effect === "function" ? effect : () => effect;

/** Steps before t0 that lie in another injection of ours say nothing about what is normal. */
function maskOwnInjections({ observation, excluded, t0Ms }: JudgeInput): Observation {
  const { grid } = observation;
  const mine = excluded.filter((w) => w.fromMs < t0Ms && w.toMs <= t0Ms && w.toMs > grid.startMs);
  if (mine.length === 0) return observation;
  const services = observation.services.map((s) => ({
    ...s,
    valid: s.valid.map((valid, i) => {
      const fromMs = grid.startMs + i * grid.stepMs;
      return mine.some((w) => w.fromMs < fromMs + grid.stepMs && fromMs < w.toMs) ? 0 : valid;
    }),
  }));
  return { ...observation, services };
}

/**
 * Nulls that were prepared, or made here from the history; null while no signal has a day of it.
 */
function nullsFor(input: JudgeInput, windows: Windows, nullsOf: NullsOf): Nulls | null {
  const { observation, history, excluded } = input;
  if (history === null || !isRecent(history, input.t0Ms)) return null;
  if (input.nulls !== undefined && input.nulls !== null) return input.nulls;
  if (history.grid.steps * history.grid.stepMs < KNOWN_AFTER_MS) return null;
  return nullsOf(history, shapeOf(windows), [...excluded, ownWindow(observation)]);
}

/**
 * An old record tells how wide a series swings, not what is normal now: then it only widens
 * (judge.md §2.16 step 6).
 */
const isRecent = ({ grid }: Observation, t0Ms: number): boolean =>
  t0Ms - (grid.startMs + grid.steps * grid.stepMs) <= STALE_AFTER_MS;

/** Not decided by a day or more of recent history of its own. */
function isLearning({ known, track }: SignalTest, records: Records, { history, t0Ms }: JudgeInput): boolean {
  if (known !== null) return false;
  return history === null || !isRecent(history, t0Ms) || records.knownMs(track.service) < KNOWN_AFTER_MS;
}

interface Judged {
  readonly windows: Windows;
  readonly tests: readonly SignalTest[];
  readonly tracks: readonly Track[];
  readonly verdicts: readonly SignalVerdict[];
  readonly graph: CallGraph;
  readonly records: Records;
}

function conclude(input: JudgeInput, judged: Judged): Judgement {
  const { verdicts, graph, records } = judged;
  const family = familyOf(graph, input.concerned);
  const starved = starvedServices(degradedSignals(verdicts), graph);
  const told = [
    ...verdicts.map((v) => (starved.has(v.service) ? { ...v, starved: v.signal === "rate" } : v)),
    ...unread(input),
    ...unseen(input),
  ];
  // Who got worse by itself elsewhere is no origin of what happened here.
  const isConcerned = ({ service }: SignalVerdict): boolean => family.size === 0 || family.has(service);
  return {
    verdicts: told,
    origin: told.some((v) => isDegraded(v.verdict.kind) && isConcerned(v)) ? origin(input, judged) : null,
    headline: headlineOf(
      told.filter((v) => family.has(v.service) && !v.starved),
      effectOfService(input.minimumEffect),
    ),
    concerned: [...family],
    learning: told.some((v) => v.learning),
    notes: notesOf(input, records),
    sourceRequests: input.observation.sourceRequests,
  };
}

/** Signals that got worse, by service. */
function degradedSignals(verdicts: readonly SignalVerdict[]): Map<ServiceId, Set<Signal>> {
  const worse = verdicts.filter((v) => isDegraded(v.verdict.kind));
  const grouped = Map.groupBy(worse, (v) => v.service);
  return new Map([...grouped].map(([service, of]) => [service, new Set(of.map((v) => v.signal))]));
}

/** Signals that the source has and that cannot be read. */
function unread({ observation }: JudgeInput): SignalVerdict[] {
  return observation.services.flatMap((one) => {
    const signals = Object.entries(one.unread ?? {}) as [Signal, string][];
    const relevant = signals.filter(([signal]) => signal !== "connections" || one.connections !== null);
    return relevant.map(([signal, why]) => noData(one.service, signal, `Nothing can be said: ${why}.`));
  });
}

/** Services of the target that no proxy reported anything about. */
function unseen(input: JudgeInput): SignalVerdict[] {
  const seen = new Set(input.observation.services.map((s) => s.service));
  return input.concerned
    .filter((service) => !seen.has(service))
    .map((service) =>
      noData(
        service,
        "failures",
        "No proxy reported a request or a connection to it; send some traffic, and check that its callers have sidecars.",
      ),
    );
}

function origin({ minimumEffect }: JudgeInput, { windows, tests, tracks, graph }: Judged): ServiceId | null {
  const effectFor = effectOfService(minimumEffect);
  const evidence = tests.flatMap((test) => {
    const { service, signal } = test.track;
    if (test.z === null || test.z <= ORIGIN_EVIDENCE) return [];
    return [{ service, signal, z: test.z, own: ownDeviate(test, windows, effectFor(service)) }];
  });
  const ratio = new Map<ServiceId, number>();
  for (const track of tracks) {
    if (track.form !== "rate") continue;
    const median = (span: { from: number; to: number }) => medianOf(track.n.subarray(span.from, span.to));
    const value = median(windows.early) / median(windows.before);
    if (Number.isFinite(value)) ratio.set(track.service, value);
  }
  return originOf(evidence, graph, ratio);
}

/**
 * How much is known of the service that is known longest: the history's grid may begin before the
 * mesh did.
 */
function notesOf({ observation, history, t0Ms }: JudgeInput, records: Records): string[] {
  const known = observation.services.map(({ service }) => records.knownMs(service));
  const knownMs = history === null || !isRecent(history, t0Ms) ? 0 : Math.max(0, ...known);
  if (knownMs >= KNOWN_AFTER_MS) return [...observation.notes];
  return [
    ...observation.notes,
    knownMs === 0
      ? "Judged from this window alone: there is no recent history yet."
      : `Judged with ${formatDuration(knownMs)} of history; a day is needed to know a service.`,
  ];
}
