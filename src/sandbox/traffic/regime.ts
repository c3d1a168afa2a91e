import { unreachable } from "../../core/unreachable.ts";
import { binomial, type RandomGenerator } from "../random.ts";
import type { Background } from "./background.ts";
import { CountColumn } from "./column.ts";
import type { Edge } from "./graph.ts";
import { drawBuckets } from "./latency.ts";
import type { Outcome } from "./outcome.ts";
import { SLOT_MS, slotAt } from "./slots.ts";

interface RegimeParts {
  readonly edge: Edge;
  readonly fromMs: number;
  readonly outcomes: readonly Outcome[];
  /** Share of the edge's demand that is sent at all. */
  readonly reach: number;
  readonly background: Background;
  readonly random: RandomGenerator;
}

/**
 * One edge of the call graph while nothing that concerns it changes: what becomes of its requests,
 * slot by slot. The slot in which it begins holds only what comes after `fromMs`; the one in which
 * it ends is drawn whole, and who reads stops at `endMs`.
 */
export class Regime {
  readonly edge: Edge;
  readonly fromMs: number;
  readonly outcomes: readonly Outcome[];
  readonly columns: readonly CountColumn[];
  readonly #background: Background;
  readonly #random: RandomGenerator;
  /** Share of the edge's demand that is sent at all. */
  readonly #reach: number;
  #nextSlot: number;
  /** Nothing happens in it from then on. */
  endMs = Number.POSITIVE_INFINITY;

  constructor({ edge, fromMs, outcomes, reach, background, random }: RegimeParts) {
    this.edge = edge;
    this.fromMs = fromMs;
    this.outcomes = outcomes;
    this.#reach = reach;
    this.#background = background;
    this.#random = random;
    this.#nextSlot = slotAt(fromMs);
    this.columns = outcomes.map(({ share }) => new CountColumn(fromMs, share.kind === "quiet-failure"));
  }

  /** Draws every slot up to the one of `atMs`. */
  fill(atMs: number): void {
    const endSlot = slotAt(Math.min(atMs, this.endMs)) + 1;
    if (this.#nextSlot >= endSlot) return;
    this.#background.fill(endSlot);
    for (; this.#nextSlot < endSlot; this.#nextSlot++) this.#draw(this.#nextSlot);
  }

  #draw(slot: number): void {
    const { index, to } = this.edge;
    const wanted = this.#background.demand[index]!.at(slot);
    const quiet = this.#background.failureShare[to.index]!.at(slot);
    const logLatency = this.#background.logLatency[to.index]!.at(slot);
    const sent = this.#reach * partOfSlot(slot, this.fromMs);
    let left = sent >= 1 ? wanted : binomial(this.#random, wanted, sent);
    let chance = 1;
    for (let i = 0; i < this.outcomes.length; i++) {
      const outcome = this.outcomes[i]!;
      const share = outcome.weight * shareOf(outcome, quiet);
      const count = left > 0 ? binomial(this.#random, left, Math.min(1, share / chance)) : 0;
      left -= count;
      chance = Math.max(chance - share, Number.EPSILON);
      this.#append(this.columns[i]!, outcome, slot, count, logLatency);
    }
  }

  #append(column: CountColumn, { latency }: Outcome, slot: number, count: number, logLatency: number): void {
    if (count > 0 && latency !== null) {
      const logMedian = latency.logMedian + (latency.drifts ? logLatency : 0);
      drawBuckets(this.#random, count, logMedian, latency.sigma, column.countBucket);
    }
    column.endSlot(slot, count);
  }

  /**
   * Counts from before the regime's first slot: `requests`, of which `quiet` is the usual share of
   * failures.
   */
  startWith(requests: number, quiet: number): void {
    this.outcomes.forEach((outcome, i) => {
      this.columns[i]!.startWith(Math.round(requests * outcome.weight * shareOf(outcome, quiet)), outcome.latency);
    });
  }

  drop(beforeMs: number): void {
    for (const column of this.columns) column.drop(slotAt(beforeMs));
  }
}

/** Share of a slot that lies after `fromMs`. */
const partOfSlot = (slot: number, fromMs: number): number => Math.min(1, slot + 1 - fromMs / SLOT_MS);

/** Part of an outcome's weight, given the share of requests that fails in quiet times. */
function shareOf({ share }: Outcome, quiet: number): number {
  switch (share.kind) {
    case "all":
      return 1;
    case "quiet-failure":
      return quiet * share.of;
    case "not-found":
      return (1 - quiet) * share.of;
    case "rest":
      return (1 - quiet) * (1 - share.notFound);
    default:
      return unreachable(share);
  }
}
