import type { Signal } from "../../src/core/model/verdict.ts";

const ALL: readonly Signal[] = ["failures", "latency", "rate", "connections"];

/**
 * Cells whose verdict may be unknown, because the transformation loses what the signal is read
 * from: written before the reader that they measure. Every other unknown is a loss that nobody has
 * to accept.
 */
export const MAY_BE_UNKNOWN: Readonly<Record<string, readonly Signal[]>> = {
  // Nobody can tell whose counters these are.
  "another cluster's copy": ALL,
  "another cluster's copy, told by source_cluster": ALL,
  // A sum falls when a pod goes: the steps in which it did are not known.
  "summed over pods": ALL,
  "summed over pods, twice": ALL,
  // The label is what the signal is read from.
  "without response_code": ["failures", "latency"],
  "without response_flags": ["failures", "connections"],
  "without le": ["latency"],
  "without reporter": ALL,
  "without destination_service_name": ALL,
  "without destination_service_namespace": ALL,
  "gRPC without its status": ["failures", "latency"],
  "native histograms without response_code": ["failures", "latency"],
  // Sums over pods again: nothing says whose the counters are.
  "without pod and instance": ALL,
  // Exponential buckets and Istio's own have no bound in common.
  "native histograms of some pods": ["latency"],
  // A bound that some pods do not have cannot be summed.
  "other buckets in a pod that was replaced": ["latency"],
  // Of a service whose pods lose the same scrape right after T0, calm is not known.
  "lost scrapes": ALL,
  "a Prometheus that is away when it begins": ALL,
  // Data is missing.
  "partial answers": ALL,
  "storage warnings": ALL,
  "a body that ends early": ALL,
};
