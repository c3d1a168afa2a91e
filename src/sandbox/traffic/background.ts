import { DAY_MS, HOUR_MS } from "../../core/model/units.ts";
import type { Catalog, DriveSpec, IncidentSpec } from "../catalog/spec.ts";
import { binomial, countWith, gammaMeanOne, normal, type RandomGenerator, randomFor } from "../random.ts";
import { type CallGraph, callsPerRequest, type Edge, type ServiceNode } from "./graph.ts";
import { SLOT_MS, SlotArray } from "./slots.ts";

/** Slots in a minute: slow noise and the mood of a service change once a minute. */
const SLOTS_A_MINUTE = 60_000 / SLOT_MS;
/** Memory of the slow noise from minute to minute. */
const RATE_MEMORY = 0.95;
const LATENCY_MEMORY = 0.9;
/** No service fails more than this by bad luck alone. */
const MOST_OWN_FAILURES = 0.5;

/** Noise with memory whose standard deviation stays `sd`. */
class SlowNoise {
  #state = 0;
  readonly #memory: number;
  readonly #sd: number;
  readonly #random: RandomGenerator;

  constructor(random: RandomGenerator, memory: number, sd: number) {
    this.#random = random;
    this.#memory = memory;
    this.#sd = sd;
    this.#state = sd * normal(random);
  }

  next(): number {
    this.#state = this.#memory * this.#state + this.#sd * Math.sqrt(1 - this.#memory ** 2) * normal(this.#random);
    return this.#state;
  }
}

interface ServiceMood {
  readonly node: ServiceNode;
  readonly random: RandomGenerator;
  readonly slowNoise: SlowNoise;
  readonly incidents: readonly IncidentSpec[];
  ownShare: number;
  logLatency: number;
}

interface EdgeMood {
  readonly edge: Edge;
  readonly random: RandomGenerator;
  readonly slowNoise: SlowNoise | null;
  logRate: number;
}

/**
 * What happens whatever the state of the cluster: how many requests people and programs want to
 * send in each slot, how often services fail by themselves, and how slow they are. A function of
 * the seed alone, filled in order of time.
 */
export class Background {
  /** Requests that each edge would carry, by edge index. */
  readonly demand: readonly SlotArray<Uint32Array>[];
  /**
   * Share of a service's requests that fails in quiet times, its callees' failures included; by
   * service index.
   */
  readonly failureShare: readonly SlotArray<Float32Array>[];
  /** Logarithm of latency ÷ usual latency, by service index. */
  readonly logLatency: readonly SlotArray<Float32Array>[];
  readonly #order: readonly ServiceNode[];
  readonly #services: ServiceMood[];
  readonly #edges: readonly EdgeMood[];
  readonly #originMs: number;

  constructor(graph: CallGraph, catalog: Catalog, seed: number, firstSlot: number, originMs: number) {
    this.#order = graph.order;
    this.#originMs = originMs;
    this.#services = [];
    for (const node of graph.order) this.#services[node.index] = serviceMood(node, catalog, seed);
    this.#edges = graph.edges.map((edge) => edgeMood(edge, seed));
    const array = <T extends Float32Array | Uint32Array>(data: T): SlotArray<T> => new SlotArray(firstSlot, data);
    this.demand = graph.edges.map(() => array(new Uint32Array(0)));
    this.failureShare = this.#services.map(() => array(new Float32Array(0)));
    this.logLatency = this.#services.map(() => array(new Float32Array(0)));
  }

  /** Draws every slot before `endSlot` that was not drawn yet. */
  fill(endSlot: number): void {
    for (let slot = this.demand[0]!.endSlot; slot < endSlot; slot++) {
      if (slot % SLOTS_A_MINUTE === 0 || slot === this.demand[0]!.firstSlot) this.#nextMinute();
      this.#fillFailures(slot);
      this.#fillDemand(slot);
    }
  }

  /** Forgets what lies before `slot`. */
  drop(slot: number): void {
    for (const array of [...this.demand, ...this.failureShare, ...this.logLatency]) array.drop(slot);
  }

  #nextMinute(): void {
    for (const mood of this.#services) {
      const { share, shape } = mood.node.spec.failures;
      mood.ownShare = Math.min(MOST_OWN_FAILURES, share * gammaMeanOne(mood.random, shape));
      mood.logLatency = mood.slowNoise.next();
    }
    for (const mood of this.#edges) mood.logRate = mood.slowNoise?.next() ?? 0;
  }

  #fillFailures(slot: number): void {
    for (let i = this.#order.length - 1; i >= 0; i--) {
      const node = this.#order[i]!;
      const mood = this.#services[node.index]!;
      let succeeds = 1 - this.#ownShare(mood, slot);
      for (const { cause, to } of node.outgoing) {
        if (cause.kind !== "call" || !cause.call.required) continue;
        succeeds *= 1 - Math.min(1, cause.call.perRequest) * this.failureShare[to.index]!.at(slot);
      }
      this.failureShare[node.index]!.push(1 - succeeds);
      this.logLatency[node.index]!.push(mood.logLatency);
    }
  }

  #ownShare(mood: ServiceMood, slot: number): number {
    const sinceMs = slot * SLOT_MS - this.#originMs;
    const incident = mood.incidents.find(
      ({ firstMs, everyMs, lastsMs }) => sinceMs >= firstMs && (sinceMs - firstMs) % everyMs < lastsMs,
    );
    return incident === undefined ? mood.ownShare : Math.max(mood.ownShare, incident.failureShare);
  }

  #fillDemand(slot: number): void {
    for (const node of this.#order) {
      let received = 0;
      for (const { index } of node.incoming) received += this.demand[index]!.at(slot);
      for (const edge of node.outgoing) {
        const { random, logRate } = this.#edges[edge.index]!;
        const count =
          edge.cause.kind === "drive" ? driven(edge.cause.drive, random, logRate, slot) : calls(edge, random, received);
        this.demand[edge.index]!.push(count);
      }
    }
  }
}

function serviceMood(node: ServiceNode, catalog: Catalog, seed: number): ServiceMood {
  const random = randomFor(seed, "service", node.id);
  const slowNoise = new SlowNoise(random, LATENCY_MEMORY, node.spec.latency.noise);
  const incidents = catalog.incidents.filter(({ service }) => service === node.id);
  return { node, random, slowNoise, incidents, ownShare: 0, logLatency: 0 };
}

function edgeMood(edge: Edge, seed: number): EdgeMood {
  const random = randomFor(seed, "edge", edge.from.id, edge.to.id);
  const noise = edge.cause.kind === "drive" ? edge.cause.drive.noise : 0;
  return { edge, random, slowNoise: noise > 0 ? new SlowNoise(random, RATE_MEMORY, noise) : null, logRate: 0 };
}

/** Requests a second at this time of day, without noise. */
export function rateAt(drive: DriveSpec, atMs: number): number {
  const hours = (atMs % DAY_MS) / HOUR_MS;
  return drive.rps * (1 + drive.swing * Math.cos(((hours - drive.peakHourUtc) / 24) * 2 * Math.PI));
}

function driven(drive: DriveSpec, random: RandomGenerator, logRate: number, slot: number): number {
  const mean = (rateAt(drive, slot * SLOT_MS) * Math.exp(logRate) * SLOT_MS) / 1_000;
  return countWith(random, mean, drive.dispersion);
}

function calls(edge: Edge, random: RandomGenerator, received: number): number {
  const mean = callsPerRequest(edge);
  const whole = Math.floor(mean);
  return received * whole + binomial(random, received, mean - whole);
}
