/** Rows between two known sums. */
const MARK_EVERY = 64;
/** Arrays grow by this factor: seven days are known from the start, so little is left over. */
const GROWTH = 1.3;

type CountData = Uint8Array | Uint16Array | Uint32Array;

/** The smallest array that holds `value`, with room for `capacity` rows. */
function dataFor(value: number, capacity: number): CountData {
  if (value < 2 ** 8) return new Uint8Array(capacity);
  return value < 2 ** 16 ? new Uint16Array(capacity) : new Uint32Array(capacity);
}

/**
 * Counts in numbered rows, appended in order, and their running sum. Takes one or two bytes a row.
 */
export class Counts {
  /** Row number of `data[0]`. */
  first: number;
  data: CountData = new Uint8Array(0);
  length = 0;
  /** Sum before `data[i · MARK_EVERY]`. */
  #marks: number[] = [];
  #sum: number;

  /** `start`: what was counted before row `first`. */
  constructor(first: number, start = 0) {
    this.first = first;
    this.#sum = start;
  }

  /** The row after the last. */
  get end(): number {
    return this.first + this.length;
  }

  push(count: number): void {
    if (this.length % MARK_EVERY === 0) this.#marks.push(this.#sum);
    if (this.length === this.data.length || count >= 2 ** (8 * this.data.BYTES_PER_ELEMENT)) this.#make(count);
    this.data[this.length++] = count;
    this.#sum += count;
  }

  #make(count: number): void {
    const full = this.length === this.data.length;
    const capacity = full ? Math.max(MARK_EVERY, Math.ceil(this.length * GROWTH)) : this.data.length;
    const largest = Math.max(count, 2 ** (8 * this.data.BYTES_PER_ELEMENT) - 1);
    const data = dataFor(largest, capacity);
    data.set(this.data.subarray(0, this.length));
    this.data = data;
  }

  /** What was counted before `row`. */
  before(row: number): number {
    const i = row - this.first;
    if (i >= this.length) return this.#sum;
    if (i <= 0) return this.#marks[0]!;
    let sum = this.#marks[Math.floor(i / MARK_EVERY)]!;
    for (let j = i - (i % MARK_EVERY); j < i; j++) sum += this.data[j]!;
    return sum;
  }

  /** As many rows, all zero. */
  zeros(): Counts {
    const zeros = new Counts(this.first);
    for (let i = 0; i < this.length; i++) zeros.push(0);
    return zeros;
  }

  clone(): Counts {
    const clone = new Counts(this.first, this.#sum);
    clone.data = this.data.slice();
    clone.length = this.length;
    clone.#marks = [...this.#marks];
    return clone;
  }

  /** Another sum to start from. Only while there are no rows. */
  startWith(count: number): void {
    this.#sum = count;
  }

  /** Forgets rows before `row`, once that is worth a copy; sums stay as they are. */
  drop(row: number): void {
    const marks = Math.floor((row - this.first) / MARK_EVERY);
    if (marks <= 0 || marks < this.#marks.length / 4) return;
    this.data = this.data.slice(marks * MARK_EVERY, this.length);
    this.length -= marks * MARK_EVERY;
    this.first += marks * MARK_EVERY;
    this.#marks = this.#marks.slice(marks);
  }
}
