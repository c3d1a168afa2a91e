import { Counts } from "./counts.ts";
import { BOUNDS_MS, shareWithin } from "./latency.ts";
import type { OutcomeLatency } from "./outcome.ts";
import { SLOT_MS, slotAt } from "./slots.ts";

/** Bound of everything: the total. */
export const NO_BOUND = BOUNDS_MS.length;
const UNSEEN = -1;

/**
 * How often something happened, and within which latency bounds, as counts that only grow. A bound
 * below the fastest request seen so far needs no numbers of its own (all zero), nor does one above
 * the slowest (all equal to the total). What happens often has a row for each slot; what is rare
 * has a row only for the slots in which it happened.
 */
export class CountColumn {
  readonly #total: Counts;
  readonly #fromMs: number;
  /** Slot of each row, for what is rare. */
  readonly #rowSlots: number[] | null;
  /** Counts within bounds `#fastest … #slowest − 1`. */
  readonly #within: Counts[] = [];
  /** Buckets of the fastest and the slowest request so far. */
  #fastest = UNSEEN;
  #slowest = UNSEEN;
  readonly #slot = new Uint32Array(NO_BOUND + 1);

  /** `fromMs`: when counting begins, perhaps inside a slot. */
  constructor(fromMs: number, rare: boolean) {
    this.#fromMs = fromMs;
    this.#total = new Counts(rare ? 0 : slotAt(fromMs));
    this.#rowSlots = rare ? [] : null;
  }

  /** Before the first slot: `count` requests with that latency. */
  startWith(count: number, latency: OutcomeLatency | null): void {
    this.#total.startWith(count);
    if (latency === null || count === 0) return;
    const counts = BOUNDS_MS.map((_, k) => Math.round(count * shareWithin(k, latency.logMedian, latency.sigma)));
    const bucketWith = (wanted: number): number => {
      const bound = counts.findIndex((n) => n >= wanted);
      return bound < 0 ? NO_BOUND : bound;
    };
    this.#widen(bucketWith(1));
    this.#widen(bucketWith(count));
    this.#within.forEach((rows, i) => {
      rows.startWith(counts[this.#fastest + i]!);
    });
  }

  /** One request or more of the slot under way was in this bucket. */
  readonly countBucket = (bucket: number, count: number): void => {
    this.#slot[bucket] = count;
    if (this.#fastest === UNSEEN || bucket < this.#fastest || bucket > this.#slowest) this.#widen(bucket);
  };

  /** Ends `slot`, in which `count` requests were counted. Slots end in order, none is left out. */
  endSlot(slot: number, count: number): void {
    if (this.#rowSlots !== null) {
      if (count === 0) return;
      this.#rowSlots.push(slot);
    }
    let within = 0;
    for (let bound = this.#fastest; bound < this.#slowest; bound++) {
      within += this.#slot[bound]!;
      this.#within[bound - this.#fastest]!.push(within);
    }
    this.#total.push(count);
    if (count > 0) this.#slot.fill(0);
  }

  /** Makes room for a request in `bucket`. */
  #widen(bucket: number): void {
    if (this.#fastest === UNSEEN) {
      this.#fastest = bucket;
      this.#slowest = bucket;
    }
    for (; this.#fastest > bucket; this.#fastest--) this.#within.unshift(this.#total.zeros());
    for (; this.#slowest < bucket; this.#slowest++) this.#within.push(this.#total.clone());
  }

  #bound(bound: number): Counts | null {
    if (bound === NO_BOUND) return this.#total;
    if (bound < this.#fastest || this.#fastest === UNSEEN) return null;
    return bound >= this.#slowest ? this.#total : this.#within[bound - this.#fastest]!;
  }

  /**
   * Counts within `bound` at `n` times, one in each slot from that of `firstMs` on, all at the same
   * point of their slot.
   */
  inSlots(bound: number, firstMs: number, n: number): Float64Array {
    const found = new Float64Array(n);
    const counts = this.#bound(bound);
    if (counts === null) return found;
    const firstSlot = slotAt(firstMs);
    const elapsed = (firstMs - firstSlot * SLOT_MS) / SLOT_MS;
    let row = this.#rowOf(firstSlot);
    let sum = counts.before(row);
    for (let i = 0; i < n; i++) {
      const inSlot = this.#rowSlots === null || this.#rowSlots[row - counts.first] === firstSlot + i;
      const count = inSlot ? (counts.data[row - counts.first] ?? 0) : 0;
      found[i] = sum + Math.floor(count * elapsed);
      if (!inSlot) continue;
      sum += count;
      row++;
    }
    return found;
  }

  /**
   * Count within `bound` until `atMs`: whole slots, and the even share of the slot that is under
   * way, rounded.
   */
  at(bound: number, atMs: number, round: (count: number) => number = Math.floor): number {
    const counts = this.#bound(bound);
    if (counts === null) return 0;
    const slot = slotAt(atMs);
    const row = this.#rowOf(slot);
    const inSlot = this.#rowSlots === null || this.#rowSlots[row - counts.first] === slot;
    const count = inSlot ? counts.data[row - counts.first] : 0;
    if (count === undefined || count === 0 || row >= counts.end) return counts.before(row);
    const startMs = Math.max(this.#fromMs, slot * SLOT_MS);
    const elapsed = Math.max(0, atMs - startMs) / ((slot + 1) * SLOT_MS - startMs);
    return counts.before(row) + round(count * elapsed);
  }

  /** The first row that ends in `slot` or later. */
  #rowOf(slot: number): number {
    if (this.#rowSlots === null) return slot;
    let low = 0;
    for (let high = this.#rowSlots.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#rowSlots[middle]! < slot) low = middle + 1;
      else high = middle;
    }
    return low + this.#total.first;
  }

  /** Forgets what was before `slot`. */
  drop(slot: number): void {
    const first = this.#total.first;
    const row = Math.min(this.#rowOf(slot), this.#total.end - 1);
    for (const rows of [this.#total, ...this.#within]) rows.drop(row);
    this.#rowSlots?.splice(0, this.#total.first - first);
  }
}
