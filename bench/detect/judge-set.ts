import { FEWEST_PLACEBOS, KNOWN_AFTER_MS } from "../../src/core/judge/input/constants.ts";
import { judge } from "../../src/core/judge/judge.ts";
import type { Judgement } from "../../src/core/model/verdict.ts";
import { ASSUMED_REQUESTS } from "./adapt.ts";
import { inputOf, withHistory } from "./input.ts";
import { type Job, type Plan, plansOf } from "./jobs.ts";
import { type Line, lineOf, unjudged } from "./line.ts";
import type { DataSet } from "./read-set.ts";
import { type History, historyOf, joinRecords, pastOf, type QuietRecord } from "./record.ts";
import { type SetWindows, windowsOfCases } from "./windows.ts";

/** What is known of a job besides its telemetry. */
export type Judged = Omit<Plan, "load">;

export interface SetResult {
  readonly set: DataSet;
  readonly jobs: readonly Judged[];
  /** One for each interval that the set has, the shortest first. */
  readonly windows: readonly SetWindows[];
  /**
   * Lines by job, without and with what there is of quiet history; null where there is none for any
   * job.
   */
  readonly own: readonly Line[];
  readonly withRecord: readonly Line[] | null;
  readonly msPerCase: { readonly own: number; readonly withRecord: number };
  /** What of the set was not used, one sentence each. */
  readonly notes: readonly string[];
}

/** Told of each judgement, without and with history. */
export type OnJudged = (job: Judged, judgement: Judgement, withRecord: boolean) => void;

/** A record that lies further away than this is as old as any other. */
const NEAR_S = 86_400;

/** Moments of `records` at which an injection can be pretended. */
const placebosIn = (records: readonly QuietRecord[], { before, after, factor }: SetWindows): number =>
  records.reduce((sum, r) => sum + Math.max((r.toS - r.fromS) / (r.sampleS * factor) - before - after, 0), 0);

/**
 * The records that a job may learn from: the nearest within a day, which is the one that it lies
 * in; where that is too short, all within a day, else all. What they are called says nothing.
 */
function recordsFor(t0: number, records: readonly QuietRecord[], windows: SetWindows): readonly QuietRecord[] {
  const away = (r: QuietRecord): number => Math.max(r.fromS - t0, t0 - r.toS, 0);
  const near = records.filter((r) => away(r) <= NEAR_S);
  const nearest = Math.min(...near.map(away));
  const some = [near.filter((r) => away(r) === nearest), near];
  return some.find((of) => placebosIn(of, windows) >= FEWEST_PLACEBOS) ?? records;
}

/** Histories of the jobs of one interval, each made once. */
function historiesOf(set: DataSet, windows: SetWindows): { of: (t0: number) => History | null; notes: string[] } {
  const records = joinRecords(set, windows.sampleS);
  const made = new Map<string, History | null>();
  const notes: string[] = [];
  const of = (t0: number): History | null => {
    const use = recordsFor(t0, records, windows);
    if (use.length === 0) return null;
    const key = use.map((r) => records.indexOf(r)).join();
    const known = made.get(key);
    if (known !== undefined) return known;
    const history = historyOf(use, windows);
    if (history === null)
      notes.push("the controls cover more time than fits into memory: nothing was learnt from them");
    made.set(key, history);
    return history;
  };
  return { of, notes };
}

/**
 * What a job may learn from: a day or more of its own past, else the controls, else as much past as
 * there is.
 */
function historyFor(job: Job, windows: SetWindows, fromControls: (t0: number) => History | null): History | null {
  const past = job.kind === "placebo" ? null : pastOf({ ...job.like, series: job.series }, job.t0, windows);
  const { steps, stepMs } = past?.observation.grid ?? { steps: 0, stepMs: 0 };
  return steps * stepMs >= KNOWN_AFTER_MS ? past : (fromControls(job.t0) ?? past);
}

const assumptions = (services: number): string[] =>
  services === 0
    ? []
    : [`${services} services have a success_rate and no requests: ${ASSUMED_REQUESTS} a step were assumed`];

/**
 * Judges every case and placebo of a set, from its own window alone and with the quiet history of
 * the same system.
 */
export function judgeSet(
  set: DataSet,
  override: { readonly before?: number; readonly after?: number },
  clock: () => number,
  onJudged: OnJudged = () => undefined,
): SetResult {
  const plans = plansOf(set);
  const samples = [...new Set(set.cases.filter((c) => c.why === undefined).map((c) => c.stepS))].sort((a, b) => a - b);
  const kinds = new Map(
    samples.map((sampleS) => {
      const windows = windowsOfCases(set.cases, sampleS, override);
      return [sampleS, { windows, histories: historiesOf(set, windows) }];
    }),
  );
  const [own, withRecord]: [Line[], Line[]] = [[], []];
  let [ownMs, recordMs, learnt] = [0, 0, 0];
  const judgeOne = (plan: Plan): void => {
    const { load, ...told } = plan;
    if (plan.why !== undefined) {
      const line = unjudged(set.name, plan.id, plan.why, plan.notes);
      own.push(line);
      withRecord.push(line);
      return;
    }
    const { windows, histories } = kinds.get(plan.like.stepS)!;
    const job: Job = { ...told, series: load() };
    const start = clock();
    const { input, adapted } = inputOf(job, windows);
    const notes = [...plan.notes, ...assumptions(adapted.assumed)];
    const judged = (by: typeof input, record: boolean): Line => {
      const judgement = judge(by);
      onJudged(told, judgement, record);
      return lineOf(set.name, plan.id, judgement, adapted, notes);
    };
    const line = judged(input, false);
    own.push(line);
    const between = clock();
    const history = historyFor(job, windows, histories.of);
    withRecord.push(history === null ? line : judged(withHistory(input, history), true));
    ownMs += between - start;
    recordMs += clock() - between;
    learnt += history === null ? 0 : 1;
  };
  for (const plan of plans) judgeOne(plan);
  return {
    set,
    jobs: plans.map(({ load: _, ...told }) => told),
    windows: [...kinds.values()].map((k) => k.windows),
    own,
    withRecord: learnt === 0 ? null : withRecord,
    msPerCase: { own: ownMs / Math.max(plans.length, 1), withRecord: recordMs / Math.max(plans.length, 1) },
    notes: [...set.notes, ...[...kinds.values()].flatMap((k) => k.histories.notes)],
  };
}
