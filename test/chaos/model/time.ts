/** Something that is due. */
interface Due {
  readonly atMs: number;
  readonly number: number;
  readonly work: () => void;
  cancelled: boolean;
}

/** Takes back what was asked for. */
export type Cancel = () => void;

/**
 * Time that passes only when nobody has anything left to do: thousands of experiments in minutes,
 * and the same order of everything in every run.
 */
export class VirtualTime {
  nowMs: number;
  #count = 0;
  readonly #heap: Due[] = [];

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** Does `work` in `ms`. */
  later(ms: number, work: () => void): Cancel {
    const due: Due = { atMs: this.nowMs + Math.max(0, ms), number: this.#count++, work, cancelled: false };
    this.#push(due);
    return () => {
      due.cancelled = true;
    };
  }

  /** Lets time pass until `untilMs`, or until `enough` says so. */
  async run(untilMs: number, enough: () => boolean = () => false): Promise<void> {
    await settled();
    for (let next = this.#pop(); next !== null; next = this.#pop()) {
      if (next.atMs > untilMs || enough()) {
        this.#push(next);
        return;
      }
      if (next.cancelled) continue;
      this.nowMs = next.atMs;
      next.work();
      await settled();
    }
  }

  #before(a: Due, b: Due): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): Due | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!this.#before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

/** Every promise that can be settled without time passing is. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
