import { FEWEST_STEPS } from "../../src/core/judge/constants.ts";
import { type Call, type JudgeInput, judge } from "../../src/core/judge/judge.ts";
import type { MinimumEffect } from "../../src/core/model/policy.ts";
import { isDegraded, type Judgement } from "../../src/core/model/verdict.ts";
import { adapt, kindOf } from "./adapt.ts";
import type { RawCase, RawPlacebo } from "./format.ts";
import type { DataSet } from "./read-set.ts";
import { type History, historyOf, joinRecords, type QuietRecord, recordName } from "./record.ts";
import { onGrid } from "./samples.ts";

/** Steps that every case is judged with. */
export interface SetWindows {
  readonly before: number;
  readonly after: number;
}

/** One window to judge: a case, or a quiet moment with the geometry of a case. */
export interface Job {
  readonly id: string;
  readonly kind: "fault" | "control" | "suspect" | "placebo";
  readonly source: Pick<RawCase, "series" | "why">;
  readonly t0: number;
  /** The case whose length and holes the window has; itself for a case. */
  readonly like: RawCase;
  readonly likeT0: number;
  /** Name of the record that it lies in, or null. */
  readonly record: string | null;
}

/** A line that `score.py` reads. */
export interface Line {
  readonly set: string;
  readonly case: string;
  readonly flagged: boolean;
  readonly score: number;
  readonly services: readonly { service: string; signal: string; verdict: string; score: number }[];
  readonly cause?: string;
  /** What could not be judged, and why: distinct reasons with the number of signals. */
  readonly not_judged: Readonly<Record<string, number>>;
  /** Why nothing of the case could be judged. */
  readonly why?: string;
}

/** Failures that must be in excess: judge.md §2.16 step 5, for records whose steps hold few failures. */
const EFFECT: MinimumEffect = {
  failureShare: 0.005,
  excessFailures: 3,
  latencyRatio: 1.15,
  rateFall: 0.2,
  missingRequests: 20,
};
/** Score of a case in which nothing could be tested or nothing reached the minimum effect. */
const LOWEST = -9;
/** Longest window that is used, in steps (judge.md §2: Q = 10). */
const MOST = { before: 60, after: 10 };

const t0Of = (c: RawCase): number => c.t0 ?? c.meta.pseudo_t0 ?? Number.NaN;
const firstOf = (c: RawCase): number => Math.min(...c.series.filter((s) => s.t.length > 0).map((s) => s.t[0]!));
const lastOf = (c: RawCase): number =>
  Math.max(...c.series.filter((s) => s.t.length > 0).map((s) => s.t[s.t.length - 1]!));

/** Same windows for every case of a set: as many steps after as nine of ten cases have, at most 10, and at least as many as a test needs. */
export function windowsOfSet(set: DataSet): SetWindows {
  const after = set.cases
    .filter((c) => c.why === undefined)
    .map(
      (c) =>
        Math.floor((lastOf(c) - t0Of(c)) / c.interval_s + 1e-9) + ((lastOf(c) - t0Of(c)) % c.interval_s > 0 ? 1 : 0),
    )
    .sort((a, b) => a - b);
  const usual = after[Math.floor(after.length * 0.1)] ?? FEWEST_STEPS;
  return { before: MOST.before, after: Math.min(Math.max(usual, FEWEST_STEPS), MOST.after) };
}

/** Everything of a set that is to be judged, placebos last. */
export function jobsOf(set: DataSet, records: readonly QuietRecord[]): Job[] {
  const byId = new Map(set.cases.map((c) => [c.id, c]));
  const byName = new Map(records.map((r) => [r.name, r]));
  const cases = set.cases.map((c): Job => {
    const kind = c.fault !== null ? "fault" : (c.meta.control_kind ?? "steady") === "steady" ? "control" : "suspect";
    const t0 = t0Of(c);
    return { id: c.id, kind, source: c, t0, like: c, likeT0: t0, record: c.fault === null ? recordName(c.id) : null };
  });
  const placebo = (p: RawPlacebo): Job[] => {
    const [like, record] = [byId.get(p.like), byName.get(p.record)];
    if (like === undefined || like.why !== undefined || record === undefined) return [];
    return [{ id: p.id, kind: "placebo", source: record, t0: p.t0, like, likeT0: t0Of(like), record: p.record }];
  };
  return [...cases, ...set.placebos.flatMap(placebo)];
}

/** What the judge is asked about one job. */
function inputOf(job: Job, windows: SetWindows, history: History | null): JudgeInput {
  const { like } = job;
  const stepS = like.interval_s;
  const shift = job.t0 - job.likeT0;
  const first = firstOf(like) + shift - stepS / 2;
  const hidden = (like.meta.masked ?? []).map(([from, to]) => [from + shift, to + shift] as const);
  const reach = Math.max(Math.floor((job.likeT0 - firstOf(like)) / stepS) + 1, 1);
  const cut = { before: Math.min(reach, windows.before), after: windows.after, t0: job.t0, stepS };
  const steps = cut.before + cut.after;
  const series = job.source.series.filter((s) => kindOf(s) !== null);
  const adapted = adapt(series, steps, (s) => onGrid(s, cut, hidden, first));
  const stepMs = stepS * 1_000;
  const t0Ms = job.t0 * 1_000;
  const calls: Call[] = (like.meta.edges ?? []).map(([caller, callee]) => ({ caller, callee }));
  const own = history?.windows(job.t0 - cut.before * stepS, job.t0 + cut.after * stepS) ?? [];
  return {
    observation: {
      grid: { startMs: t0Ms - cut.before * stepMs, stepMs, steps },
      services: adapted.services,
      sourceRequests: 0,
      notes: [],
    },
    quantiles: adapted.quantiles,
    history: history?.observation ?? null,
    historyQuantiles: history?.quantiles ?? [],
    excluded: [...(history?.suspect ?? []), ...own],
    t0Ms,
    clearMs: t0Ms,
    geometry: { stepMs, beforeMs: cut.before * stepMs, earlyMs: cut.after * stepMs, graceMs: 0, lateMs: 0 },
    minimumEffect: EFFECT,
    calls,
    concerned: [],
  };
}

const unjudged = (set: string, job: Job, why: string): Line => ({
  set,
  case: job.id,
  flagged: false,
  score: LOWEST,
  services: [],
  not_judged: {},
  why,
});

function lineOf(set: string, job: Job, judgement: Judgement): Line {
  if (judgement.verdicts.length === 0) return unjudged(set, job, "no request, success rate or latency quantile in it");
  const found = judgement.verdicts.filter((v) => isDegraded(v.verdict.kind));
  const notJudged: Record<string, number> = {};
  for (const { verdict } of judgement.verdicts) {
    if (verdict.kind === "inconclusive") notJudged[verdict.why] = (notJudged[verdict.why] ?? 0) + 1;
  }
  return {
    set,
    case: job.id,
    flagged: found.length > 0,
    score: Math.max(LOWEST, ...judgement.verdicts.map((v) => v.z ?? LOWEST)),
    services: found.map((v) => ({
      service: v.service,
      signal: v.signal,
      verdict: v.starved ? "starved" : v.verdict.kind,
      score: v.z ?? LOWEST,
    })),
    ...(judgement.origin === null ? {} : { cause: judgement.origin }),
    not_judged: notJudged,
  };
}

/** The records that a job may learn from, of the same interval: its own, else those of the same name, else all of the set. */
function recordsFor(job: Job, records: readonly QuietRecord[]): readonly QuietRecord[] {
  const alike = records.filter((r) => r.stepS === job.like.interval_s);
  if (job.record !== null) return alike.filter((r) => r.name === job.record);
  const named = alike.filter((r) => job.id.startsWith(r.name));
  return named.length > 0 ? named : alike;
}

export interface SetResult {
  readonly set: DataSet;
  readonly jobs: readonly Job[];
  readonly windows: SetWindows;
  /** Lines by job, without and with the quiet record. */
  readonly own: readonly Line[];
  readonly withRecord: readonly Line[] | null;
  readonly msPerCase: { readonly own: number; readonly withRecord: number };
}

/** Told of each judgement, without and with the quiet record. */
export type OnJudged = (job: Job, judgement: Judgement, withRecord: boolean) => void;

/** Judges every case and placebo of a set, from its own window alone and with the quiet record of the same system. */
export function judgeSet(
  set: DataSet,
  override: Partial<SetWindows>,
  clock: () => number,
  onJudged: OnJudged = () => undefined,
): SetResult {
  const windows = { ...windowsOfSet(set), ...override };
  const records = joinRecords(set.cases);
  const jobs = jobsOf(set, records);
  const histories = new Map<string, History>();
  const historyFor = (job: Job): History | null => {
    const use = recordsFor(job, records);
    const key = use.map((r) => `${r.name} ${r.stepS}`).join("\n");
    if (use.length === 0) return null;
    const known = histories.get(key) ?? historyOf(use);
    histories.set(key, known);
    return known;
  };
  const run = (record: boolean) => {
    const start = clock();
    const lines = jobs.map((job) => {
      if (job.source.why !== undefined) return unjudged(set.name, job, job.source.why);
      const judgement = judge(inputOf(job, windows, record ? historyFor(job) : null));
      onJudged(job, judgement, record);
      return lineOf(set.name, job, judgement);
    });
    return { lines, ms: (clock() - start) / Math.max(jobs.length, 1) };
  };
  const own = run(false);
  const withRecord = records.length > 0 ? run(true) : null;
  return {
    set,
    jobs,
    windows,
    own: own.lines,
    withRecord: withRecord?.lines ?? null,
    msPerCase: { own: own.ms, withRecord: withRecord?.ms ?? 0 },
  };
}
