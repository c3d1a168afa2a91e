import { NO_BOUND } from "../traffic/column.ts";
import { BOUNDS_MS } from "../traffic/latency.ts";
import type { Regime } from "../traffic/regime.ts";
import { SLOT_MS } from "../traffic/slots.ts";
import type { ScrapeTarget } from "./target.ts";

/**
 * A part of what one outcome of a regime counts: that of member `member` of `members` equal ones.
 */
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

/** A typical duration in each bucket, for the sum of durations. */
const TYPICAL_MS = BOUNDS_MS.map((bound, k) => (k === 0 ? bound / 2 : Math.sqrt(bound * BOUNDS_MS[k - 1]!)));

const typicalMs = (bucket: number): number => TYPICAL_MS[bucket] ?? BOUNDS_MS.at(-1)!;

/**
 * The counter's values at `timesMs`, which are scrapes in a row. Regimes must have been filled up
 * to the last.
 */
export function valuesOf(group: SeriesGroup, measure: Measure, timesMs: Float64Array): Float64Array {
  const values = new Float64Array(timesMs.length);
  if (values.length === 0) return values;
  if (measure.kind === "within") addRequests(group, measure.bound, timesMs, values);
  else if (measure.kind === "duration-sum") addDurations(group, timesMs, values);
  else addTcp(group, measure.kind, timesMs, values);
  return values;
}

/** Proxies show a label set from its first request or connection on, with all its series. */
export function hasBegun(group: SeriesGroup, atMs: number): boolean {
  const { pieces, bursts, connections } = group;
  if (bursts.some((burst) => burst.atMs <= atMs) || connections.some((event) => event.atMs <= atMs)) return true;
  return pieces.some((piece) => countsAsRequest(group, piece) && pieceAt(piece, NO_BOUND, atMs) > 0);
}

/** A use of a connection is no sign of life of its label set: the connection was there before. */
const countsAsRequest = ({ protocol }: SeriesGroup, { regime, outcome }: Piece): boolean =>
  protocol === "http" || regime.outcomes[outcome]!.tcp?.kind === "attempt";

/** Members take turns: member `i` of `R` has had `⌊(count + i) / R⌋` of the requests. */
const partOf = ({ member, members }: Piece, count: number): number =>
  members === 1 ? count : Math.floor((count + member) / members);

function pieceAt(piece: Piece, bound: number, atMs: number): number {
  const { regime, outcome } = piece;
  if (atMs < regime.fromMs) return 0;
  return partOf(piece, regime.columns[outcome]!.at(bound, Math.min(atMs, regime.endMs)));
}

/** Adds what `piece` counted, times `factor`. */
function addPiece(piece: Piece, bound: number, timesMs: Float64Array, values: Float64Array, factor = 1): void {
  const { regime, outcome } = piece;
  const [firstMs, lastMs] = [timesMs[0]!, timesMs.at(-1)!];
  if (regime.fromMs > lastMs) return;
  if (regime.endMs <= firstMs) {
    const count = pieceAt(piece, bound, firstMs) * factor;
    for (let i = 0; i < values.length; i++) values[i]! += count;
  } else if (regime.fromMs <= firstMs - SLOT_MS && regime.endMs >= lastMs) {
    const counts = regime.columns[outcome]!.inSlots(bound, firstMs, values.length);
    for (let i = 0; i < values.length; i++) values[i]! += partOf(piece, counts[i]!) * factor;
  } else {
    for (let i = 0; i < values.length; i++) values[i]! += pieceAt(piece, bound, timesMs[i]!) * factor;
  }
}

function addRequests(group: SeriesGroup, bound: number, timesMs: Float64Array, values: Float64Array): void {
  for (const piece of group.pieces) addPiece(piece, bound, timesMs, values);
  for (const { atMs, bucket, count } of group.bursts) {
    if (bucket <= bound) for (let i = 0; i < values.length; i++) if (timesMs[i]! >= atMs) values[i]! += count;
  }
}

/**
 * Sums are made from unrounded counts: those of one bucket, which are differences of two bounds,
 * would not always grow once each bound is rounded by itself.
 */
function addDurations(group: SeriesGroup, timesMs: Float64Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const atMs = timesMs[i]!;
    let sum = 0;
    for (const piece of group.pieces) sum += durationsOf(piece, atMs);
    for (const burst of group.bursts) if (burst.atMs <= atMs) sum += burst.count * typicalMs(burst.bucket);
    values[i] = Math.round(sum);
  }
}

function durationsOf({ regime, outcome, members }: Piece, atMs: number): number {
  if (atMs < regime.fromMs) return 0;
  const column = regime.columns[outcome]!;
  let sum = 0;
  let below = 0;
  for (let bound = 0; bound <= NO_BOUND; bound++) {
    const within = column.at(bound, Math.min(atMs, regime.endMs), (count) => count);
    sum += (within - below) * typicalMs(bound);
    below = within;
  }
  return sum / members;
}

function addTcp(group: SeriesGroup, measure: TcpMeasure, timesMs: Float64Array, values: Float64Array): void {
  const countsConnections = measure === "opened" || measure === "closed";
  for (const { what, atMs } of group.connections) {
    if (what === measure) for (let i = 0; i < values.length; i++) if (timesMs[i]! >= atMs) values[i]! += 1;
  }
  for (const piece of group.pieces) {
    const { tcp } = piece.regime.outcomes[piece.outcome]!;
    if (tcp?.kind === "attempt" && countsConnections) addPiece(piece, NO_BOUND, timesMs, values);
    if (tcp?.kind === "use" && !countsConnections) {
      addPiece(piece, NO_BOUND, timesMs, values, measure === "sent" ? tcp.sentBytes : tcp.receivedBytes);
    }
  }
}

type TcpMeasure = "opened" | "closed" | "sent" | "received";
