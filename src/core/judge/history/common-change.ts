import { isCount } from "../input/masked.ts";
import type { Requests } from "../input/records.ts";
import type { Shape } from "../input/shape.ts";
import type { Expected } from "./rate-scores.ts";

/** Bystanders must be asked this often a minute, and be this many: judge.md §2.7. */
export const BYSTANDER_PER_MINUTE = 20;
export const FEWEST_BYSTANDERS = 20;
/** More bystanders than this change nothing. */
const MOST_BYSTANDERS = 400;
/** ln of the largest change that is believed to be common: judge.md §2.7. */
const LARGEST = 2;

/**
 * A service that has nothing to do with what is judged: its requests from step `t0` on, and what
 * was expected of them.
 */
export interface Bystander extends Requests {
  readonly t0: number;
  readonly expected: Expected;
}

/**
 * The busy ones among `bystanders`, thinned out; null when they are too few to tell what all
 * services share.
 */
export function busyBystanders(bystanders: readonly Bystander[], stepMs: number): readonly Bystander[] | null {
  const busy = bystanders.filter(({ expected }) => expected.perStep * (60_000 / stepMs) > BYSTANDER_PER_MINUTE);
  if (busy.length < FEWEST_BYSTANDERS) return null;
  const stride = Math.ceil(busy.length / MOST_BYSTANDERS);
  return stride === 1 ? busy : busy.filter((_, i) => i % stride === 0);
}

/**
 * By what the requests of all services changed together in each step of the early window, then of
 * the late one: the median over the bystanders of (n + 1)/(μ + 1), held in e^±2; 1 where fewer than
 * twenty bystanders are known (C of judge.md §2.7).
 */
export function commonChange(bystanders: readonly Bystander[], shape: Shape): Float64Array {
  const out = new Float64Array(shape.early + shape.late).fill(1);
  const logs = new Float64Array(bystanders.length);
  for (let i = 0; i < out.length; i++) {
    const step = i < shape.early ? i : shape.lateFrom + i - shape.early;
    let known = 0;
    for (const { n, valid, t0, expected } of bystanders) {
      const at = t0 + step;
      if (valid[at] !== 0 && isCount(n[at] ?? Number.NaN)) logs[known++] = (n[at]! + 1) / (expected.perStep + 1);
    }
    if (known >= FEWEST_BYSTANDERS) out[i] = held(medianOfFirst(logs, known));
  }
  return out;
}

const held = (ratio: number): number => Math.min(Math.max(ratio, Math.exp(-LARGEST)), Math.exp(LARGEST));

function medianOfFirst(values: Float64Array, count: number): number {
  const sorted = values.subarray(0, count).sort();
  return Math.sqrt(sorted[(count - 1) >> 1]! * sorted[count >> 1]!);
}
