import type { Signal } from "../../src/core/model/verdict.ts";

/**
 * Cells whose verdict may be unknown, because the transformation loses what the signal is read
 * from: written before the reader that they measure. Every other unknown is a loss that nobody has
 * to accept.
 */
export const MAY_BE_UNKNOWN: Readonly<Record<string, readonly Signal[]>> = {
  // Nobody can tell whose counters these are.
  "another cluster's copy": ["failures", "latency", "rate"],
  "another cluster's copy, told by source_cluster": ["failures", "latency", "rate"],
  // A sum falls when a pod goes: the steps in which it did are not known.
  "summed over pods": ["failures", "latency", "rate"],
  "summed over pods, twice": ["failures", "latency", "rate"],
  // Buckets are added up on the server, where no matcher leaves out the copies of some proxies
  // only.
  "second job for some pods": ["latency"],
  // The label is what the signal is read from.
  "without response_code": ["failures", "latency"],
  "without response_flags": ["failures"],
  "without le": ["latency"],
  // Data is missing.
  "partial answers": ["failures", "latency", "rate"],
  "storage warnings": ["failures", "latency", "rate"],
};
