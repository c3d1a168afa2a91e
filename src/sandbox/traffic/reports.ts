import type { SeriesGroup } from "../telemetry/series.ts";
import type { TelemetryStore } from "../telemetry/store.ts";
import type { Edge } from "./graph.ts";
import { istioLabels, type Reporter } from "./labels.ts";
import { bucketOf } from "./latency.ts";
import type { Outcome } from "./outcome.ts";
import type { TrafficPod } from "./pods.ts";
import type { Regime } from "./regime.ts";

/**
 * What proxies count: connects outcomes and events with the label sets of the proxies that report
 * them.
 */
export class Reports {
  readonly #store: TelemetryStore;

  constructor(store: TelemetryStore) {
    this.#store = store;
  }

  /** Everything that `regime` counts from now on. */
  attach(regime: Regime): void {
    regime.outcomes.forEach((outcome, index) => {
      const to = (reporter: Reporter, pods: readonly TrafficPod[]): void =>
        pods.forEach((pod, member) => {
          const group = this.#group(regime.edge, outcome, reporter, pod);
          group.pieces.push({ regime, outcome: index, member, members: pods.length });
        });
      to("source", outcome.sources);
      to("destination", outcome.destinations);
      this.#tried(regime, outcome, index);
    });
  }

  #tried(regime: Regime, outcome: Outcome, index: number): void {
    const { times, code, destinations } = outcome.tried ?? NOT_TRIED;
    for (let i = 0; i < times; i++) {
      destinations.forEach((pod, member) => {
        const group = this.#group(regime.edge, { ...outcome, code }, "destination", pod);
        group.pieces.push({ regime, outcome: index, member, members: destinations.length });
      });
    }
  }

  /** Both ends of a long-lived connection count that it was opened or closed. */
  connection(what: "opened" | "closed", edge: Edge, from: TrafficPod, to: TrafficPod, atMs: number): void {
    const outcome = { ...EVENT, tcp: { kind: "use", sentBytes: 0, receivedBytes: 0 }, destinations: [to] } as const;
    this.#group(edge, outcome, "source", from).connections.push({ what, atMs });
    this.#group(edge, outcome, "destination", to).connections.push({ what, atMs });
  }

  /**
   * `count` requests whose connection broke before the answer came. Only the callers' proxy `from`
   * lives to tell.
   */
  broken(edge: Edge, from: TrafficPod, count: number, atMs: number): void {
    const outcome = { ...EVENT, code: "503", flags: "UC" };
    const bucket = bucketOf(edge.to.spec.latency.medianMs);
    this.#group(edge, outcome, "source", from).bursts.push({ atMs, count, bucket });
  }

  #group(edge: Edge, outcome: Outcome, reporter: Reporter, pod: TrafficPod): SeriesGroup {
    const known = outcome.destinationKnown ? "known" : "unknown";
    const key = `${reporter} ${edge.index} ${outcome.code} ${outcome.flags} ${known}`;
    const protocol = outcome.tcp === null ? "http" : "tcp";
    return this.#store.group(pod.target, key, protocol, () => istioLabels(edge, outcome, reporter));
  }
}

const NOT_TRIED = { times: 0, code: "", destinations: [] } as const;

/** What events have in common as outcomes. */
const EVENT: Outcome = {
  weight: 0,
  share: { kind: "all" },
  code: "",
  flags: "-",
  destinationKnown: true,
  latency: null,
  tcp: null,
  sources: [],
  destinations: [],
};
