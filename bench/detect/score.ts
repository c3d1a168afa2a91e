import { wilson } from "../../src/core/stats/wilson.ts";
import type { Judged } from "./judge-set.ts";
import type { Line } from "./line.ts";

export interface Share {
  readonly k: number;
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

const share = (k: number, n: number): Share => ({ k, n, ...wilson(k, n, 1.959964) });

/** Numbers of one judge on one set, as `score.py` computes them. */
export interface Score {
  readonly false_alarms_controls: Share;
  readonly false_alarms_placebos: Share;
  readonly recall: Share;
  /**
   * Recall with the score slid until at most 1 % (5 %) of the placebos lie above; null with fewer
   * than 200 placebos.
   */
  readonly recall_at_1: Share | null;
  readonly recall_at_5: Share | null;
  /** The flagged service with the largest deviate is the faulty one. */
  readonly top1: Share;
  readonly cause: Share;
}

const FEWEST_PLACEBOS = 200;

/** Smallest value that at most `alpha` of the nulls exceed. */
function threshold(nulls: readonly number[], alpha: number): number {
  const ordered = [...nulls].sort((a, b) => b - a);
  return ordered[Math.floor(alpha * ordered.length + 1e-9)]!;
}

/**
 * Scores the lines of a set against what is known of its jobs. The control marked suspect is left
 * out.
 */
export function scoreOf(jobs: readonly Judged[], lines: readonly Line[]): Score {
  const rows = jobs.map((job, i) => ({ job, line: lines[i]! }));
  const of = (kind: Judged["kind"]) => rows.filter((r) => r.job.kind === kind);
  const [faults, controls, placebos] = [of("fault"), of("control"), of("placebo")];
  const flagged = (some: typeof rows) => some.filter((r) => r.line.flagged).length;
  const nulls = placebos.map((r) => r.line.score);
  const at = (alpha: number) =>
    nulls.length < FEWEST_PLACEBOS
      ? null
      : share(faults.filter((r) => r.line.score > threshold(nulls, alpha)).length, faults.length);
  const right = (guess: (line: Line) => string | undefined) =>
    share(faults.filter((r) => r.line.flagged && guess(r.line) === r.job.like.fault?.service).length, faults.length);
  return {
    false_alarms_controls: share(flagged(controls), controls.length),
    false_alarms_placebos: share(flagged(placebos), placebos.length),
    recall: share(flagged(faults), faults.length),
    recall_at_1: at(0.01),
    recall_at_5: at(0.05),
    top1: right((line) => worst(line)?.service),
    cause: right((line) => line.cause),
  };
}

const worst = (line: Line): Line["services"][number] | undefined =>
  line.services.filter((s) => s.verdict !== "starved").sort((a, b) => b.score - a.score)[0];
