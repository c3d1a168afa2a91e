/**
 * A time of the API in ms, or null. client-node's types say `Date`; micro times and everything out of a watch are the answer's own text.
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
