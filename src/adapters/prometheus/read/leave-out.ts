import { anyOf } from "../signals/promql.ts";
import type { Copies } from "./copies.ts";

/**
 * Matchers that leave out every copy that is not counted, for queries that add up on the server;
 * null when no matcher can.
 */
export function leaveOut({ leftOut, counted, mixed }: Copies): readonly string[] | null {
  if (mixed) return null;
  const values = new Map<string, Set<string>>();
  for (const way of leftOut) {
    const label = Object.keys(way).find((name) => counted.every((one) => one[name] !== way[name]));
    if (label === undefined) return null;
    values.set(label, (values.get(label) ?? new Set()).add(way[label] ?? ""));
  }
  return [...values].map(([label, without]) => `${label}!~"${anyOf([...without])}"`);
}
