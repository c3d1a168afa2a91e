/**
 * The time between scrapes, and the grain of everything that is drawn: requests, failures and
 * latencies are drawn for whole slots and spread evenly inside them, in the past and at present
 * alike.
 */
export const SLOT_MS = 15_000;

/** Slot `i` covers `[i·SLOT_MS, (i+1)·SLOT_MS)` since the epoch. */
export const slotAt = (atMs: number): number => Math.floor(atMs / SLOT_MS);

type SlotData = Float32Array | Uint32Array;

/** Arrays grow by this factor: seven days are known from the start, so little is left over. */
const GROWTH = 1.3;

/** Numbers by slot, appended in order, forgotten from the front. */
export class SlotArray<T extends SlotData> {
  firstSlot: number;
  data: T;
  length = 0;

  constructor(firstSlot: number, data: T) {
    this.firstSlot = firstSlot;
    this.data = data;
  }

  /** First slot without a number. */
  get endSlot(): number {
    return this.firstSlot + this.length;
  }

  push(value: number): void {
    if (this.length === this.data.length) this.#resize(Math.max(64, Math.ceil(this.length * GROWTH)), 0);
    this.data[this.length++] = value;
  }

  at(slot: number): number {
    return this.data[slot - this.firstSlot]!;
  }

  /** Forgets what lies before `slot`, once that is worth a copy. */
  drop(slot: number): void {
    const count = Math.min(slot - this.firstSlot, this.length);
    if (count < this.length / 4) return;
    this.#resize(this.length - count, count);
    this.length -= count;
    this.firstSlot += count;
  }

  #resize(capacity: number, from: number): void {
    const data = new (this.data.constructor as new (length: number) => T)(capacity);
    data.set(this.data.subarray(from, this.length));
    this.data = data;
  }
}
