import { NO_BOUND } from "../traffic/column.ts";
import type { Counts } from "../traffic/counts.ts";
import { BOUNDS_MS } from "../traffic/latency.ts";
import type { Regime } from "../traffic/regime.ts";
import { SLOT_MS } from "../traffic/slots.ts";
import type { ScrapeTarget } from "./target.ts";

/** A part of what one outcome of a regime counts: that of member `member` of `members` equal ones. */
export interface Piece {
  readonly regime: Regime;
  readonly outcome: number;
  readonly member: number;
  readonly members: number;
}

/** A connection that was opened or closed at a known instant. */
export interface ConnectionEvent {
  readonly what: "opened" | "closed";
  readonly atMs: number;
}

/** Requests that ended at one instant, all in one latency bucket. */
export interface Burst {
  readonly atMs: number;
  readonly count: number;
  readonly bucket: number;
}

/** One label set of Istio's standard metrics on one proxy. */
export interface SeriesGroup {
  readonly target: ScrapeTarget;
  readonly protocol: "http" | "tcp";
  /** With those of the target. */
  readonly labels: Readonly<Record<string, string>>;
  readonly pieces: Piece[];
  readonly connections: ConnectionEvent[];
  readonly bursts: Burst[];
}

/** What one series of a group counts; `NO_BOUND` is all requests. */
export type Measure =
  | { readonly kind: "within"; readonly bound: number }
  | { readonly kind: "duration-sum" }
  | { readonly kind: "opened" | "closed" | "sent" | "received" };

/** Members take turns: member `i` of `R` has had `⌊(count + i) / R⌋` of the requests. */
export const partOf = (piece: Piece, count: number): number =>
  piece.members === 1 ? count : Math.floor((count + piece.member) / piece.members);

function pieceAt(piece: Piece, bound: number, atMs: number): number {
  const { regime, outcome } = piece;
  if (atMs < regime.fromMs) return 0;
  return partOf(piece, regime.columns[outcome]!.at(bound, Math.min(atMs, regime.endMs)));
}

function requestsWithin(group: SeriesGroup, bound: number, atMs: number): number {
  let sum = burstsWithin(group, bound, atMs);
  for (const piece of group.pieces) sum += pieceAt(piece, bound, atMs);
  return sum;
}

function burstsWithin({ bursts }: SeriesGroup, bound: number, atMs: number): number {
  let sum = 0;
  for (const burst of bursts) if (burst.atMs <= atMs && burst.bucket <= bound) sum += burst.count;
  return sum;
}

/** A typical duration in each bucket, for the sum of durations. */
const TYPICAL_MS = BOUNDS_MS.map((bound, k) => (k === 0 ? bound / 2 : Math.sqrt(bound * BOUNDS_MS[k - 1]!)));

function durationSum(group: SeriesGroup, atMs: number): number {
  let sum = 0;
  let below = 0;
  for (let bound = 0; bound <= NO_BOUND; bound++) {
    const within = requestsWithin(group, bound, atMs);
    sum += (within - below) * (TYPICAL_MS[bound] ?? BOUNDS_MS.at(-1)!);
    below = within;
  }
  return Math.round(sum);
}

function tcpAt(group: SeriesGroup, measure: "opened" | "closed" | "sent" | "received", atMs: number): number {
  let sum = group.connections.filter((event) => event.what === measure && event.atMs <= atMs).length;
  for (const piece of group.pieces) {
    const { tcp } = piece.regime.outcomes[piece.outcome]!;
    const count = pieceAt(piece, NO_BOUND, atMs);
    if (tcp?.kind === "attempt") sum += measure === "opened" || measure === "closed" ? count : 0;
    if (tcp?.kind === "use" && measure === "sent") sum += count * tcp.sentBytes;
    if (tcp?.kind === "use" && measure === "received") sum += count * tcp.receivedBytes;
  }
  return sum;
}

/** The counter's value at `atMs`. Regimes must have been filled up to then. */
export function measureAt(group: SeriesGroup, measure: Measure, atMs: number): number {
  if (measure.kind === "within") return requestsWithin(group, measure.bound, atMs);
  return measure.kind === "duration-sum" ? durationSum(group, atMs) : tcpAt(group, measure.kind, atMs);
}

/** Proxies show a label set from its first request or connection on, with all its series. */
export const hasBegun = (group: SeriesGroup, atMs: number): boolean =>
  (group.protocol === "http" ? requestsWithin(group, NO_BOUND, atMs) : tcpAt(group, "opened", atMs)) > 0;

/** Counts by slot that alone decide a counter for a whole stretch of time, so that its samples can be read off them. */
export interface SingleSource {
  readonly counts: Counts | null;
  /** Counted by what ended before. */
  readonly base: number;
  readonly piece: Piece;
}

/** Null when several regimes share the stretch, something begins in it, or it is rare. */
export function singleSource(group: SeriesGroup, bound: number, fromMs: number, toMs: number): SingleSource | null {
  if (group.bursts.some((burst) => burst.atMs > fromMs && burst.atMs <= toMs)) return null;
  let only: Piece | null = null;
  let base = burstsWithin(group, bound, fromMs);
  for (const piece of group.pieces) {
    const { regime } = piece;
    if (regime.fromMs > toMs) continue;
    if (regime.endMs <= fromMs) base += pieceAt(piece, bound, fromMs);
    else if (only === null && regime.fromMs <= fromMs - SLOT_MS && regime.endMs >= toMs) only = piece;
    else return null;
  }
  if (only === null) return null;
  const counts = only.regime.columns[only.outcome]!.bySlot(bound);
  return counts === undefined ? null : { counts, base, piece: only };
}
