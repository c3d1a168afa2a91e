import { workloadKey } from "../../model/cluster.ts";
import { type CoverageLine, plainName, type WeeklyReport } from "../../model/weekly-report.ts";
import { hitKey, type WeeklyInput } from "./input.ts";

const ORDER: readonly CoverageLine["state"][] = ["never", "hit-before", "hit", "not-eligible"];

/**
 * Who was hit, who never was, and who may not be, and why. A workload that was hit and has gone
 * since is listed, too.
 */
export function coverageOf({ experiments, inventory, lastHitMs }: WeeklyInput): WeeklyReport["coverage"] {
  const targets = experiments.flatMap((state) => (hitKey(state) === null ? [] : (state.choice?.target.workload ?? [])));
  const known = new Map((inventory ?? []).map((line) => [workloadKey(line.workload), line]));
  for (const workload of targets) {
    if (!known.has(workloadKey(workload))) known.set(workloadKey(workload), { workload, whyNot: [] });
  }
  const byWorkload = Map.groupBy(experiments, hitKey);
  const lines = [...known].map(([key, { workload, whyNot }]): CoverageLine => {
    const hits = byWorkload.get(key) ?? [];
    const lastMs = Math.max(...hits.map(({ t0Ms }) => t0Ms ?? 0), lastHitMs.get(key) ?? 0);
    return {
      workload,
      state: stateOf(hits.length, lastHitMs.has(key), whyNot),
      hits: hits.length,
      lastHitMs: lastMs === 0 ? null : lastMs,
      why: whyNot,
    };
  });
  lines.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || compare(nameOf(a), nameOf(b)));
  return {
    lines,
    eligible: lines.filter(({ state }) => state !== "not-eligible").length,
    hit: lines.filter(({ state }) => state === "hit").length,
  };
}

function stateOf(hits: number, before: boolean, whyNot: readonly string[]): CoverageLine["state"] {
  if (hits > 0) return "hit";
  if (whyNot.length > 0) return "not-eligible";
  return before ? "hit-before" : "never";
}

const nameOf = ({ workload }: CoverageLine): string => plainName(workload);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
