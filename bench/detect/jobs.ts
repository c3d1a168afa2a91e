import type { CaseHead, RawPlacebo, RawSeries } from "./format.ts";
import type { DataSet } from "./read-set.ts";
import { namedRecord } from "./record.ts";

/** One window to judge: a case, or a quiet moment with the geometry of a case. */
export interface Job {
  readonly id: string;
  readonly kind: "fault" | "control" | "suspect" | "placebo";
  readonly series: readonly RawSeries[];
  readonly t0: number;
  /** The case whose length and holes the window has; itself for a case. */
  readonly like: CaseHead;
  readonly likeT0: number;
  /** What was not taken as it stands, one sentence each. */
  readonly notes: readonly string[];
  /** Why it cannot be judged. */
  readonly why?: string;
}

/** A job without its telemetry. */
export type Plan = Omit<Job, "series"> & { readonly load: () => readonly RawSeries[] };

function caseOf(set: DataSet, c: CaseHead): Plan {
  const kind = c.fault !== null ? "fault" : c.controlKind === "steady" ? "control" : "suspect";
  const t0 = c.t0 ?? Number.NaN;
  const { id, notes, why } = c;
  const load = () => set.load(c).series;
  return { id, kind, t0, like: c, likeT0: t0, notes, load, ...(why === undefined ? {} : { why }) };
}

/** Everything of a set that is to be judged, placebos last. */
export function plansOf(set: DataSet): Plan[] {
  const byId = new Map(set.cases.map((c) => [c.id, c]));
  const records = new Map<string, readonly RawSeries[]>();
  const recordOf = (name: string): readonly RawSeries[] => {
    const known = records.get(name) ?? namedRecord(set, name);
    records.set(name, known);
    return known;
  };
  return [
    ...set.cases.map((c) => caseOf(set, c)),
    ...set.placebos.map((p) => placeboOf(p, byId.get(p.like), recordOf)),
  ];
}

const NOTHING: CaseHead = {
  id: "",
  stepS: 1,
  t0: null,
  fault: null,
  firstS: Number.NaN,
  lastS: Number.NaN,
  edges: [],
  masked: [],
  controlKind: "steady",
  notes: [],
};

function placeboOf(p: RawPlacebo, like: CaseHead | undefined, recordOf: (name: string) => readonly RawSeries[]): Plan {
  const one = { id: p.id, kind: "placebo" as const, t0: p.t0, notes: [], load: () => recordOf(p.record) };
  const plan = { ...one, like: like ?? NOTHING, likeT0: like?.t0 ?? Number.NaN };
  if (like === undefined) return { ...plan, why: `it is to be like ${p.like}, which the index does not name` };
  if (like.why !== undefined) return { ...plan, why: `it is to be like ${p.like}: ${like.why}` };
  if (recordOf(p.record).length === 0) return { ...plan, why: `no control is called ${p.record}-control-…` };
  return plan;
}
