import type { TrafficPod } from "./pods.ts";

/** Log-normal latency of an outcome; `drifts`: with the slow noise of the service that answers. */
export interface OutcomeLatency {
  readonly logMedian: number;
  readonly sigma: number;
  readonly drifts: boolean;
}

/** What a TCP outcome counts: uses of an open connection, or attempts to open one. */
export type TcpKind =
  | { readonly kind: "use"; readonly sentBytes: number; readonly receivedBytes: number }
  | { readonly kind: "attempt" };

/** One thing that can become of a request on an edge. */
export interface Outcome {
  /** Share of the edge's requests, before `share`. */
  readonly weight: number;
  /**
   * How the weight divides in each slot: all of it, or by the share of requests that fails in quiet
   * times.
   */
  readonly share:
    | { readonly kind: "all" }
    | { readonly kind: "quiet-failure"; readonly of: number }
    | { readonly kind: "not-found"; readonly of: number }
    | { readonly kind: "rest"; readonly notFound: number };
  readonly code: string;
  readonly flags: string;
  /** The caller's proxy knows who should have answered. */
  readonly destinationKnown: boolean;
  /** Null for TCP. */
  readonly latency: OutcomeLatency | null;
  readonly tcp: TcpKind | null;
  /** Pods whose proxies report it as source, in equal parts. */
  readonly sources: readonly TrafficPod[];
  /** Pods that it reached, in equal parts; none when it reached nobody. */
  readonly destinations: readonly TrafficPod[];
  /** Tries that failed before, of which only the pods that answered them count anything. */
  readonly tried?: { readonly times: number; readonly code: string; readonly destinations: readonly TrafficPod[] };
}
