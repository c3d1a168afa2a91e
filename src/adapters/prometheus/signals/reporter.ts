import type { Reporter } from "../../../core/model/series.ts";
import { anyOf } from "./promql.ts";
import type { Signals } from "./signals.ts";

export const REPORTERS: readonly Reporter[] = ["source", "waypoint", "destination"];

/** Successful requests that each kind of reporter saw. */
export type Totals = Readonly<Record<Reporter, number>>;

/**
 * A reporter that saw less than this share of what another saw does not see all callers (judge.md
 * §2.1).
 */
const ENOUGH = 0.9;
/**
 * Proxies are scraped at different moments: so many square roots of the requests may be missing by
 * chance.
 */
const CHANCE = 2;

/**
 * Who is believed about requests that several kinds of proxies report: never two, and the one
 * nearest to the caller that saw them all. Clients feel what nobody else sees, and a waypoint or a
 * server counts each attempt that they retry. Callers outside the mesh, and clients that are not
 * scraped, are seen only farther on.
 */
export function chooseReporter({ source, waypoint, destination }: Totals): Reporter {
  if (!isShort(source, Math.max(waypoint, destination))) return "source";
  return isShort(waypoint, destination) || waypoint === 0 ? "destination" : "waypoint";
}

/** `seen` lacks more of `all` than chance can explain. */
export function isShort(seen: number, all: number): boolean {
  const missing = all - seen;
  return missing > (1 - ENOUGH) * all && (seen === 0 || missing > CHANCE * Math.sqrt(all));
}

/** These reporters as one regular expression. */
export const reporterPattern = (signals: Signals, reporters: readonly Reporter[]): string =>
  anyOf(reporters.map((reporter) => signals.reporters[reporter]));
