import type { Reporter } from "../../../core/model/series.ts";
import { anyOf } from "./promql.ts";
import type { Signals } from "./signals.ts";

export const REPORTERS: readonly Reporter[] = ["source", "waypoint", "destination"];

/** Requests that each kind of reporter saw. */
export type Totals = Readonly<Record<Reporter, number>>;

/** A reporter that saw less than this share of what another saw does not see all callers (judge.md §2.1). */
const ENOUGH = 0.9;
/** Proxies are scraped at different moments: so many square roots of the requests may be missing by chance. */
const CHANCE = 2;

/**
 * Who is believed about a service. A waypoint reports every request once, and clients report the same ones, so never both; a waypoint that
 * is away reports less than they do. Callers outside the mesh are seen only by the service's own proxies.
 */
export function chooseReporter({ source, waypoint, destination }: Totals): Reporter {
  const near: Reporter = waypoint > 0 && waypoint >= ENOUGH * source ? "waypoint" : "source";
  const seen = near === "waypoint" ? waypoint : source;
  const missing = destination - seen;
  const beyondChance = seen === 0 || missing > CHANCE * Math.sqrt(destination);
  return missing > (1 - ENOUGH) * destination && beyondChance ? "destination" : near;
}

/** These reporters as one regular expression. */
export const reporterPattern = (signals: Signals, reporters: readonly Reporter[]): string =>
  anyOf(reporters.map((reporter) => signals.reporters[reporter]));
