import { anyOf, quoted } from "../signals/promql.ts";
import type { Copies, MixedWay } from "./copies.ts";

/** Matchers of one query; what several of them answer adds up. */
export type Matching = readonly string[];

/**
 * Matchers that leave out every copy that is not counted, for queries that add up on the server:
 * one list, or several that have no series in common where a way of scraping is counted in part.
 * Null when no matchers can. What nobody has seen yet is left in.
 */
export function leaveOut({ leftOut, counted, mixed, inseparable }: Copies): readonly Matching[] | null {
  if (inseparable) return null;
  const values = new Map<string, Set<string>>();
  for (const way of leftOut) {
    const label = Object.keys(way).find((name) => counted.every((one) => one[name] !== way[name]));
    if (label === undefined) return null;
    values.set(label, (values.get(label) ?? new Set()).add(way[label] ?? ""));
  }
  const rest = [...values].map(([label, without]) => `${label}!~"${anyOf([...without])}"`);
  if (mixed.length === 0) return [rest];
  const label = tellsApart(mixed, counted);
  if (label === null) return null;
  const names = mixed.map(({ way }) => way[label] ?? "");
  return [
    [...rest, `${label}!~"${anyOf(names)}"`],
    ...mixed.map(({ without }, i) => [...rest, `${label}=${quoted(names[i]!)}`, `instance!~"${anyOf(without)}"`]),
  ];
}

/** A label whose values tell each mixed way from all other ways that are counted. */
function tellsApart(mixed: readonly MixedWay[], counted: Copies["counted"]): string | null {
  const isApart = (label: string, { way }: MixedWay): boolean =>
    counted.filter((one) => one[label] === way[label]).length < 2;
  const labels = Object.keys(mixed[0]?.way ?? {});
  return labels.find((label) => mixed.every((one) => isApart(label, one))) ?? null;
}
