/** Where arrays of one length come from; all zero. */
export type Take = (length: number) => Float64Array;

export const fresh: Take = (length) => new Float64Array(length);

/**
 * Arrays that are used again: opening a week of hundreds of services, one after the other, would
 * else leave gigabytes to be collected.
 */
export interface Arena {
  readonly take: Take;
  /** Everything taken so far may be given out again. */
  reset(): void;
}

export function arena(): Arena {
  const free = new Map<number, Float64Array[]>();
  let taken: Float64Array[] = [];
  return {
    take(length) {
      const array = free.get(length)?.pop()?.fill(0) ?? new Float64Array(length);
      taken.push(array);
      return array;
    },
    reset() {
      for (const array of taken) {
        const same = free.get(array.length);
        if (same === undefined) free.set(array.length, [array]);
        else same.push(array);
      }
      taken = [];
    },
  };
}

/**
 * Small 32-bit arrays out of large ones: thousands of small ones would leave holes behind that no
 * system gets back.
 */
export interface Slab {
  /** Not cleared: holds whatever lay there before. */
  take(length: number): Float32Array;
  /** Everything taken so far may be given out again. */
  reset(): void;
}

const SLAB_LENGTH = 2 ** 20;

/** @param shared in memory that threads share */
export function slab(shared = false): Slab {
  const chunks: Float32Array[] = [];
  let [chunk, used] = [0, 0];
  return {
    take(length) {
      for (;;) {
        const current = chunks[chunk];
        if (current === undefined) chunks.push(chunkOf(Math.max(SLAB_LENGTH, length), shared));
        else if (used + length > current.length) [chunk, used] = [chunk + 1, 0];
        else {
          used += length;
          return current.subarray(used - length, used);
        }
      }
    },
    reset() {
      [chunk, used] = [0, 0];
    },
  };
}

const chunkOf = (length: number, shared: boolean): Float32Array =>
  shared ? new Float32Array(new SharedArrayBuffer(4 * length)) : new Float32Array(length);
