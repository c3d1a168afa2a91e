import type { Trouble } from "./fake-cluster.ts";
import type { WireTrouble } from "./wire.ts";

/**
 * What lies between the worker and the others: each connection goes through a proxy. `network` is
 * all of them.
 */
export const WIRES = ["storage", "api", "metrics", "network"] as const;
export type Wire = (typeof WIRES)[number];

/** What goes wrong beside the kill. */
export type Mishap =
  /** Meets the first request to the API that injects, or a write to the lease. */
  | { readonly where: "call"; readonly what: Trouble }
  /** Meets the first request on the wire after the worker's own point `at`. */
  | { readonly where: Wire; readonly what: WireTrouble; readonly at: number };

/** What one worker is to meet. */
export interface Fate {
  /** Killed at this point of its own experiment, counted from 1; null: it lives. */
  readonly killAt: number | null;
  /** The points of going on with what was left are counted, too. */
  readonly fromStart?: boolean;
  readonly mishap?: Mishap;
  /** The clock of the next worker differs by this. */
  readonly jumpMs?: number;
  /** So many replicas want to do the same slot. */
  readonly replicas?: number;
}

/** `storage: cut`, `three replicas`, `clock`, `none`: what a table of results is keyed by. */
export function troubleName({ mishap, jumpMs, replicas }: Fate): string {
  if (mishap !== undefined) return `${mishap.where}: ${mishap.what}`;
  if (replicas !== undefined) return `${replicas} replicas`;
  return jumpMs === undefined ? "none" : "clock jump";
}

/** The arguments of `npm run test:chaos --` that mean this fate. */
export function argumentsOf({ killAt, mishap, jumpMs, replicas }: Fate): string {
  const trouble = mishap && `--trouble ${mishap.where}:${mishap.what}${"at" in mishap ? `:${mishap.at}` : ""}`;
  return [
    killAt === null ? "--point 0" : `--point ${killAt}`,
    trouble,
    jumpMs === undefined ? undefined : `--jump ${jumpMs}`,
    replicas === undefined ? undefined : `--replicas ${replicas}`,
  ]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** `WHERE:WHAT[:AT]` of the command line. @throws RangeError */
export function parseMishap(text: string): Mishap {
  const [where, what, at] = text.split(":");
  if (where === "call" && what !== undefined) return { where, what: what as Trouble };
  const wire = WIRES.find((one) => one === where);
  if (wire === undefined || what === undefined || !(Number(at) > 0))
    throw new RangeError(`not a trouble: ${text}; expected call:WHAT or ${WIRES.join("|")}:WHAT:POINT`);
  return { where: wire, what: what as WireTrouble, at: Number(at) };
}
