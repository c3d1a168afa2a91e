/**
 * Requests of `factor` steps in a row; unknown where fewer than half of them are, else as if all
 * had been like those.
 */
export function sumSteps(fine: Float64Array, factor: number): Float64Array {
  if (factor === 1) return fine;
  return eachStep(fine, factor, (from, to) => {
    let [sum, known] = [0, 0];
    for (let i = from; i < to; i++) {
      if (Number.isNaN(fine[i])) continue;
      sum += fine[i]!;
      known++;
    }
    return 2 * known >= factor ? (sum * factor) / known : Number.NaN;
  });
}

/**
 * Mean of the known steps among `factor` in a row, each as heavy as its requests where these are
 * known.
 */
export function meanSteps(fine: Float64Array, factor: number, requests: Float64Array | null): Float64Array {
  if (factor === 1) return fine;
  return eachStep(fine, factor, (from, to) => {
    let [sum, weight, plain, known] = [0, 0, 0, 0];
    for (let i = from; i < to; i++) {
      if (Number.isNaN(fine[i])) continue;
      const n = requests?.[i] ?? Number.NaN;
      sum += n > 0 ? n * fine[i]! : 0;
      weight += Math.max(n, 0);
      plain += fine[i]!;
      known++;
    }
    return weight > 0 ? sum / weight : plain / known;
  });
}

const eachStep = (fine: Float64Array, factor: number, value: (from: number, to: number) => number): Float64Array =>
  Float64Array.from({ length: Math.floor(fine.length / factor) }, (_, i) => value(i * factor, (i + 1) * factor));
