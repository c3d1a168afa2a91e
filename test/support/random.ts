/**
 * Numbers in [0, 1) that are the same in every run, for data that tests make up. Small and good
 * enough for that; what the program draws comes from `src/core/random.ts`:
 * https://github.com/cprosche/mulberry32
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
