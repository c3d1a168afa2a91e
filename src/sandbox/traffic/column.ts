import { BOUNDS_MS, shareWithin } from "./latency.ts";
import type { OutcomeLatency } from "./outcome.ts";
import { SLOT_MS, SlotArray, slotAt } from "./slots.ts";

/** Cumulative counts at the start of each slot, and after the last. */
export type Cumulative = SlotArray<Uint32Array>;

/** Bound of everything: the total. */
export const NO_BOUND = BOUNDS_MS.length;
const UNSEEN = -1;

/**
 * How often something happened, and within which latency bounds, as counts that only grow. A bound below the fastest request seen
 * so far needs no numbers of its own (all zero), nor does one above the slowest (all equal to the total).
 */
export class CountColumn {
  readonly total: Cumulative;
  readonly #fromMs: number;
  /** Cumulative counts within bounds `#fastest … #slowest − 1`. */
  readonly #within: Cumulative[] = [];
  /** Buckets of the fastest and the slowest request so far. */
  #fastest = UNSEEN;
  #slowest = UNSEEN;
  readonly #slot = new Uint32Array(NO_BOUND + 1);
  #count = 0;

  /** `fromMs`: when counting begins, perhaps inside a slot. */
  constructor(fromMs: number) {
    this.#fromMs = fromMs;
    this.total = new SlotArray(slotAt(fromMs), new Uint32Array(0));
    this.total.push(0);
  }

  /** Before the first slot: `count` requests with that latency. */
  startWith(count: number, latency: OutcomeLatency | null): void {
    if (latency !== null && count > 0) {
      const counts = BOUNDS_MS.map((_, k) => Math.round(count * shareWithin(k, latency.logMedian, latency.sigma)));
      const within = (wanted: number): number => {
        const bound = counts.findIndex((n) => n >= wanted);
        return bound < 0 ? NO_BOUND : bound;
      };
      this.#widen(within(1));
      this.#widen(within(count));
      this.#within.forEach((array, i) => {
        array.data[0] = counts[this.#fastest + i]!;
      });
    }
    this.total.data[0] = count;
  }

  beginSlot(count: number): void {
    this.#count = count;
    this.#slot.fill(0);
  }

  readonly countBucket = (bucket: number, count: number): void => {
    this.#slot[bucket] = count;
    if (this.#fastest === UNSEEN || bucket < this.#fastest || bucket > this.#slowest) this.#widen(bucket);
  };

  endSlot(): void {
    let within = 0;
    for (let bound = this.#fastest; bound < this.#slowest; bound++) {
      within += this.#slot[bound]!;
      const array = this.#within[bound - this.#fastest]!;
      array.push(array.data[array.length - 1]! + within);
    }
    this.total.push(this.total.data[this.total.length - 1]! + this.#count);
  }

  /** Makes room for a request in `bucket`. */
  #widen(bucket: number): void {
    if (this.#fastest === UNSEEN) {
      this.#fastest = bucket;
      this.#slowest = bucket;
    }
    for (; this.#fastest > bucket; this.#fastest--) this.#within.unshift(this.#array(() => 0));
    for (; this.#slowest < bucket; this.#slowest++) this.#within.push(this.#array((i) => this.total.data[i]!));
  }

  #array(value: (i: number) => number): Cumulative {
    const { firstSlot, data, length } = this.total;
    const array = new SlotArray(firstSlot, new Uint32Array(data.length));
    for (let i = 0; i < length; i++) array.push(value(i));
    return array;
  }

  /** The counts within one bound; null when they are all zero. */
  within(bound: number): Cumulative | null {
    if (bound < this.#fastest || this.#fastest === UNSEEN) return bound === NO_BOUND ? this.total : null;
    return bound >= this.#slowest ? this.total : this.#within[bound - this.#fastest]!;
  }

  /** Count within `bound` at `atMs`: whole slots, and the even share of the slot that is under way. */
  at(bound: number, atMs: number): number {
    const counts = this.within(bound);
    if (counts === null) return 0;
    const slot = slotAt(atMs);
    const i = slot - counts.firstSlot;
    if (i < 0) return counts.data[0]!;
    if (i + 1 >= counts.length) return counts.data[counts.length - 1]!;
    const startMs = Math.max(this.#fromMs, slot * SLOT_MS);
    const elapsed = Math.max(0, atMs - startMs) / ((slot + 1) * SLOT_MS - startMs);
    return counts.data[i]! + Math.floor((counts.data[i + 1]! - counts.data[i]!) * elapsed);
  }

  /** Forgets what was before `slot`, but never the last slot. */
  drop(slot: number): void {
    const kept = Math.min(slot, this.total.endSlot - 2);
    this.total.drop(kept);
    for (const within of this.#within) within.drop(kept);
  }
}
