import type { ConnectionSpec } from "../catalog/spec.ts";
import type { Edge, ServiceNode } from "./graph.ts";
import type { Outcome, OutcomeLatency } from "./outcome.ts";
import { type PodClass, total } from "./pod-class.ts";
import { atWork, type TrafficPod } from "./pods.ts";
import { type Tries, triesOf } from "./retries.ts";
import { isCutShort, type Structure } from "./structure.ts";

/**
 * What becomes of the requests of one edge of the call graph: which share ends with which code, on
 * which pods and how fast, by what the pods on both sides can do.
 */

/** A proxy that has nobody to send to answers at once. */
const NO_ENDPOINT: OutcomeLatency = { logMedian: Math.log(0.4), sigma: 0.5, drifts: false };
/** Three refused connections, with back-off 25, 50 ms between. */
const REFUSED: OutcomeLatency = { logMedian: Math.log(80), sigma: 0.25, drifts: false };
/** One refused connection before the one that worked. */
const RETRY_MS = 28;

/** Waits of about the same length. */
const SLOW_SIGMA = 0.1;

const usual = ({ spec }: ServiceNode, extraMs = 0, sigma = spec.latency.sigma): OutcomeLatency => ({
  logMedian: Math.log(spec.latency.medianMs + extraMs),
  sigma,
  drifts: true,
});

/** What becomes of the requests of `edge`, as long as the pods on both sides stay as they are. */
export function outcomesOf(
  edge: Edge,
  sources: readonly TrafficPod[],
  targets: readonly TrafficPod[],
  structure: Structure,
): Outcome[] {
  if (edge.cause.kind === "connection") return connectionOutcomes(edge.cause.connection, sources, targets);
  return httpOutcomes(edge, sources, structure);
}

function httpOutcomes(edge: Edge, sources: readonly TrafficPod[], structure: Structure): Outcome[] {
  const { to } = edge;
  const reach = structure.reach.get(to.id)!;
  const failed = (flags: string, known: boolean, latency: OutcomeLatency, weight: number): Outcome => ({
    weight,
    share: { kind: "all" },
    code: "503",
    flags,
    destinationKnown: known,
    latency,
    tcp: null,
    sources,
    destinations: [],
  });
  if (reach.noEndpoint) return [failed("UH", false, NO_ENDPOINT, 1)];
  const outcomes: Outcome[] = [];
  if (reach.refused > 0) outcomes.push(failed("UF,URX", true, REFUSED, reach.refused));
  const classes = structure.classes.get(to.id)!;
  const pods = classes.reduce((sum, group) => sum + group.pods.length, 0);
  const tries = triesOf(edge, classes);
  const reached = 1 - reach.refused;
  tries.saved.forEach((share, i) => {
    if (share > 0) outcomes.push(savedBy(to, classes, sources, tries, { weight: share * reached, times: i + 1 }));
  });
  for (const group of classes) {
    const share = group.pods.length / pods;
    outcomes.push(...answers(edge, group, sources, { weight: share * reach.retried, extraMs: RETRY_MS, tries }));
    const weight = share * (reached - reach.retried);
    outcomes.push(...answers(edge, group, sources, { weight, extraMs: 0, tries }));
  }
  return outcomes;
}

/** Requests that succeed after some tries that failed. */
function savedBy(
  to: ServiceNode,
  classes: readonly PodClass[],
  sources: readonly TrafficPod[],
  { failing }: Tries,
  { weight, times }: { readonly weight: number; readonly times: number },
): Outcome {
  const well = classes.flatMap(({ pods }) => pods).filter((pod) => !failing.includes(pod));
  return {
    weight,
    share: { kind: "all" },
    code: "200",
    flags: "-",
    destinationKnown: true,
    latency: usual(to, times * (to.spec.latency.medianMs + RETRY_MS)),
    tcp: null,
    sources,
    destinations: well,
    tried: { times, code: "500", destinations: failing },
  };
}

/**
 * What pods of one class answer: lasting failures, own failures of quiet times, 404, and success.
 */
function answers(
  edge: Edge,
  group: PodClass,
  sources: readonly TrafficPod[],
  { weight, extraMs, tries }: { readonly weight: number; readonly extraMs: number; readonly tries: Tries },
): Outcome[] {
  if (weight <= 0) return [];
  const { to } = edge;
  const { spec } = to;
  const answer = (part: Pick<Outcome, "weight" | "share" | "code" | "flags">): Outcome => ({
    ...part,
    destinationKnown: true,
    latency: usual(to, extraMs),
    tcp: null,
    sources,
    destinations: part.flags === "-" ? group.pods : [],
  });
  const failed = (one: Outcome): Outcome =>
    tries.extra === 0
      ? one
      : {
          ...one,
          latency: usual(to, extraMs + tries.extra * (spec.latency.medianMs + RETRY_MS)),
          tried: { times: tries.extra, code: one.code, destinations: tries.failing },
        };
  const outcomes = [...group.failures].map(([code, share]) =>
    failed(answer({ weight: weight * share * tries.left, share: { kind: "all" }, code, flags: "-" })),
  );
  const rest = weight * (1 - total(group.failures));
  if (rest <= 0) return outcomes;
  for (const { code, flags, weight: of } of spec.failures.kinds) {
    outcomes.push(answer({ weight: rest, share: { kind: "quiet-failure", of }, code, flags }));
  }
  const notFound = spec.notFoundShare;
  if (notFound > 0) {
    outcomes.push(answer({ weight: rest, share: { kind: "not-found", of: notFound }, code: "404", flags: "-" }));
  }
  const success = (part: number): Outcome =>
    answer({ weight: rest * part, share: { kind: "rest", notFound }, code: "200", flags: "-" });
  const { slow } = group;
  if (slow.share < 1) outcomes.push(success(1 - slow.share));
  if (slow.share > 0) outcomes.push(slowed(success(slow.share), edge, group, extraMs));
  return outcomes;
}

/** An answer that takes longer, or that the caller's proxy does not wait for. */
function slowed(success: Outcome, edge: Edge, { pods, slow }: PodClass, extraMs: number): Outcome {
  if (!isCutShort(edge, slow)) return { ...success, latency: usual(edge.to, extraMs + slow.byMs, SLOW_SIGMA) };
  const waitedMs = edge.cause.kind === "call" ? (edge.cause.call.timeoutMs ?? 0) : 0;
  const latency = { logMedian: Math.log(waitedMs), sigma: SLOW_SIGMA, drifts: false };
  return { ...success, share: { kind: "all" }, code: "504", flags: "UT", latency, destinations: pods };
}

/** Uses of open connections, by the pod at the other end, and attempts of those who try again. */
function connectionOutcomes(
  spec: ConnectionSpec,
  sources: readonly TrafficPod[],
  targets: readonly TrafficPod[],
): Outcome[] {
  const users = sources.filter(atWork);
  const outcomes: Outcome[] = [];
  const tcp = (
    part: Pick<Outcome, "weight" | "flags" | "destinationKnown" | "tcp" | "sources" | "destinations">,
  ): void => {
    outcomes.push({ ...part, share: { kind: "all" }, code: "", latency: null });
  };
  for (const end of new Set(users.flatMap(({ connection }) => (connection.state === "open" ? [connection.to] : [])))) {
    const holders = users.filter(({ connection }) => connection.state === "open" && connection.to === end);
    tcp({
      weight: holders.length / users.length,
      flags: "-",
      destinationKnown: true,
      tcp: { kind: "use", sentBytes: spec.bytes.sent, receivedBytes: spec.bytes.received },
      sources: holders,
      destinations: [end],
    });
  }
  const seekers = spec.onLoss === "reconnect" ? users.filter(({ connection }) => connection.state === "lost") : [];
  if (seekers.length > 0) {
    const known = targets.some((pod) => pod.inMesh);
    tcp({
      weight: seekers.length / users.length,
      flags: known ? "UF,URX" : "UH",
      destinationKnown: known,
      tcp: { kind: "attempt" },
      sources: seekers,
      destinations: [],
    });
  }
  return outcomes;
}
