import type { Edge } from "./graph.ts";
import { type PodClass, total } from "./pod-class.ts";
import type { TrafficPod } from "./pods.ts";

/** What tries make of requests of which some fail at some pods. */
export interface Tries {
  /** Part of the requests that fail at the first try that still fail after the last. */
  readonly left: number;
  /** Share of requests that succeed after so many failed tries; by their number, from one on. */
  readonly saved: readonly number[];
  /** Tries beside the last one of a request that fails in the end. */
  readonly extra: number;
  /** Pods at which tries fail. */
  readonly failing: readonly TrafficPod[];
}

/** How often a proxy tries again when an answer is an error of the server: `retryOn: 5xx`. */
export const retriesOf = ({ cause }: Edge): number => (cause.kind === "call" ? (cause.call.retries ?? 0) : 0);

/** Mean tries for each request. */
export function attemptsOf(edge: Edge, classes: readonly PodClass[]): number {
  const { saved, extra, left } = triesOf(edge, classes);
  const pods = classes.reduce((sum, one) => sum + one.pods.length, 0);
  const first = classes.reduce((sum, one) => sum + (one.pods.length / pods) * total(one.failures), 0);
  return 1 + saved.reduce((sum, share, i) => sum + share * (i + 1), 0) + (extra > 0 ? extra * first * left : 0);
}

/**
 * Each try goes to a pod drawn anew. What fails at one pod fails at every pod of its class: it
 * depends on the request and on the pod, not on luck.
 */
export function triesOf(edge: Edge, classes: readonly PodClass[]): Tries {
  const extra = retriesOf(edge);
  const shares = classes.map(({ failures }) => total(failures));
  const pods = classes.reduce((sum, one) => sum + one.pods.length, 0);
  /** Requests that fail at the worst pods, and how often a try of one of them does. */
  const exposed = Math.max(0, ...shares);
  const first = classes.reduce((sum, one, i) => sum + (one.pods.length / pods) * shares[i]!, 0);
  if (extra === 0 || !(exposed > 0)) return { left: 1, saved: [], extra: 0, failing: [] };
  const again = first / exposed;
  return {
    left: again ** extra,
    saved: Array.from({ length: extra }, (_, i) => exposed * again ** (i + 1) * (1 - again)),
    extra,
    failing: classes.flatMap((one, i) => (shares[i]! > 0 ? one.pods : [])),
  };
}
