import type { Counts } from "../../model/series.ts";
import { fresh, type Take } from "./arena.ts";
import type { Span } from "./windows.ts";

/**
 * No service answers more requests in a step: what is larger is a counter that broke, not a count.
 */
const LARGEST_COUNT = 1e12;

export const isCount = (x: number): boolean => x >= 0 && x <= LARGEST_COUNT;

/**
 * `values` with NaN in every step that is not valid or holds what is no count: a masked step is
 * unknown, never zero.
 */
export function masked(values: Counts, valid: Uint8Array, take: Take = fresh): Float64Array {
  const out = take(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!;
    out[i] = valid[i] === 0 || !isCount(value) ? Number.NaN : value;
  }
  return out;
}

/** Steps that were scraped. */
export function validSteps(valid: Uint8Array): number {
  let steps = 0;
  for (let i = 0; i < valid.length; i++) steps += valid[i]!;
  return steps;
}

/** Steps of `span` that are known. */
export function knownSteps(values: Float64Array, span: Span): number {
  let known = 0;
  for (let i = span.from; i < span.to; i++) if (!Number.isNaN(values[i])) known++;
  return known;
}

/** Sum of the known steps of `span`. */
export function sumKnown(values: Float64Array, span: Span): number {
  let sum = 0;
  for (let i = span.from; i < span.to; i++) if (!Number.isNaN(values[i])) sum += values[i]!;
  return sum;
}
