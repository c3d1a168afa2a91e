import type { ServiceId } from "../../core/model/cluster.ts";
import type { Catalog } from "../catalog/spec.ts";
import { countWith, randomFor } from "../random.ts";
import type { TelemetryStore } from "../telemetry/store.ts";
import { Background, rateAt } from "./background.ts";
import { buildGraph, type CallGraph, callsPerRequest, type Edge } from "./graph.ts";
import type { Outcome } from "./outcome.ts";
import { outcomesOf } from "./outcomes.ts";
import { atWork, type TrafficPod } from "./pods.ts";
import { Regime } from "./regime.ts";
import { Reports } from "./reports.ts";
import { slotAt } from "./slots.ts";
import { attemptsAt, structureOf } from "./structure.ts";

interface Running {
  readonly key: string;
  readonly regime: Regime;
}

/** Proxies that were there before the first slot had been counting for this long. */
const COUNTED_BEFORE_SECONDS = 3 * 24 * 3_600;

/**
 * Requests between all services: which regime each edge of the call graph is in, and what the
 * proxies count because of it.
 */
export class Traffic {
  readonly graph: CallGraph;
  readonly #background: Background;
  readonly #store: TelemetryStore;
  readonly #reports: Reports;
  readonly #seed: number;
  readonly #startMs: number;
  readonly #pods = new Map<ServiceId, TrafficPod[]>();
  readonly #running = new Map<Edge, Running>();
  #ended: Regime[] = [];
  #begun = 0;

  /** Counters can be read from `startMs` on; incidents are timed from `originMs`. */
  constructor(catalog: Catalog, seed: number, startMs: number, originMs: number, store: TelemetryStore) {
    this.graph = buildGraph(catalog);
    this.#background = new Background(this.graph, catalog, seed, slotAt(startMs), originMs);
    this.#store = store;
    this.#reports = new Reports(store);
    this.#seed = seed;
    this.#startMs = startMs;
    for (const { id } of this.graph.order) this.#pods.set(id, []);
  }

  podsOf(service: ServiceId): readonly TrafficPod[] {
    return this.#pods.get(service)!;
  }

  /** A new pod, with a proxy. */
  add(service: ServiceId, pod: TrafficPod): void {
    this.#pods.get(service)!.push(pod);
    this.#store.addTarget(pod.target);
  }

  remove(service: ServiceId, pod: TrafficPod): void {
    const pods = this.#pods.get(service)!;
    pods.splice(pods.indexOf(pod), 1);
  }

  /**
   * Something about the pods is different from `atMs` on: edges that it concerns get a new regime.
   */
  changed(atMs: number): void {
    const structure = structureOf(this.graph.order, (id) => this.podsOf(id));
    for (const edge of this.graph.edges) {
      const sources = this.podsOf(edge.from.id).filter(atWork);
      const reach = sources.length === 0 ? 0 : structure.traffic.get(edge.from.id)!;
      const outcomes = reach === 0 ? [] : outcomesOf(edge, sources, this.podsOf(edge.to.id), structure);
      const key = keyOf(outcomes, reach);
      const running = this.#running.get(edge);
      if (running?.key === key) continue;
      if (running !== undefined) {
        running.regime.endMs = atMs;
        this.#ended.push(running.regime);
      }
      this.#running.set(edge, { key, regime: this.#begin(edge, atMs, outcomes, reach) });
    }
  }

  /** Mean tries for each request that arrives at `service` as its pods are now. */
  attemptsAt(service: ServiceId): number {
    const structure = structureOf(this.graph.order, (id) => this.podsOf(id));
    return attemptsAt(this.graph.byId.get(service)!, structure);
  }

  #begin(edge: Edge, atMs: number, outcomes: readonly Outcome[], reach: number): Regime {
    const random = randomFor(this.#seed, "regime", edge.from.id, edge.to.id, this.#begun++);
    const regime = new Regime({ edge, fromMs: atMs, outcomes, reach, background: this.#background, random });
    if (atMs === this.#startMs) {
      regime.startWith(this.meanRate(edge, atMs) * COUNTED_BEFORE_SECONDS, edge.to.spec.failures.share);
    }
    this.#reports.attach(regime);
    return regime;
  }

  /** `from` opened or lost its long-lived connection to `to`. */
  connection(what: "opened" | "closed", edge: Edge, from: TrafficPod, to: TrafficPod, atMs: number): void {
    this.#reports.connection(what, edge, from, to, atMs);
  }

  /**
   * The process of `pod` died without finishing what was under way: these requests end in `UC`.
   * Call before `changed`.
   */
  died(service: ServiceId, pod: TrafficPod, atMs: number): void {
    const node = this.graph.byId.get(service)!;
    const share = 1 / Math.max(1, this.podsOf(service).filter((other) => other.inMesh).length);
    for (const edge of node.incoming) {
      if (edge.cause.kind === "connection") continue;
      const random = randomFor(this.#seed, "died", edge.from.id, pod.uid);
      for (const from of this.podsOf(edge.from.id).filter(atWork)) {
        const mean = (this.meanRate(edge, atMs) * share * node.spec.latency.medianMs) / 1_000;
        const count = countWith(random, mean / this.podsOf(edge.from.id).filter(atWork).length, 1);
        if (count > 0) this.#reports.broken(edge, from, count, atMs);
      }
    }
  }

  /** Mean requests a second that `edge` usually carries at this time of day. */
  meanRate(edge: Edge, atMs: number): number {
    if (edge.cause.kind === "drive") return rateAt(edge.cause.drive, atMs);
    return edge.from.incoming.reduce((sum, other) => sum + this.meanRate(other, atMs), 0) * callsPerRequest(edge);
  }

  /** Draws everything up to `atMs` and forgets what lies before `beforeMs`. */
  drop(beforeMs: number, atMs: number): void {
    const regimes = [...[...this.#running.values()].map(({ regime }) => regime), ...this.#ended];
    for (const regime of regimes) {
      regime.fill(atMs);
      regime.drop(beforeMs);
    }
    this.#ended = this.#ended.filter((regime) => regime.endMs > beforeMs);
    this.#background.drop(slotAt(beforeMs));
    this.#store.drop(beforeMs);
  }
}

/** Equal exactly when the same would be drawn and the same proxies would count it. */
function keyOf(outcomes: readonly Outcome[], reach: number): string {
  const pods = (of: readonly TrafficPod[]): string[] => of.map((pod) => pod.uid);
  return JSON.stringify([
    reach,
    ...outcomes.map((o) => ({ ...o, sources: pods(o.sources), destinations: pods(o.destinations) })),
  ]);
}
