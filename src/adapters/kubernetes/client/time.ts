/**
 * A time of the API in ms, or null. Times are the answer's own text, though client-node's types say
 * `Date`.
 */
export function timeMs(time: Date | string | undefined): number | null {
  if (time === undefined || time === null) return null;
  const ms = new Date(time).getTime();
  return Number.isNaN(ms) ? null : ms;
}

/** The newest of some times in ms, or null. */
export function newest(times: readonly (Date | string | undefined)[]): number | null {
  const known = times.map(timeMs).filter((ms) => ms !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/**
 * A time of the API with microseconds, as leases and events want it: Kubernetes refuses fewer
 * digits (metav1.RFC3339Micro).
 */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");
