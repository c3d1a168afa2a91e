import type { Counts, LatencyCounts, Reporter, ServiceCounts } from "../model/series.ts";

/**
 * Room for later steps, in shares of the length: a series moves once a day, not with every minute.
 */
const ROOM = 0.1;
/** Services get different room, so that they do not all move at once. */
const STAGGER = 16;

/** One service: all of its series behind each other, then its validity. */
export interface Slot {
  readonly service: string;
  readonly reporter: Reporter;
  readonly boundsMs: readonly number[] | null;
  readonly tcp: boolean;
  flags: Readonly<Record<string, number>>;
  /** Step of the shelf that is the first of the arrays. */
  readonly base: number;
  readonly capacity: number;
  readonly series: readonly Float32Array[];
  readonly valid: Uint8Array;
}

/** What a slot must hold, among so many others on the shelf. */
export interface Extent {
  /** Steps of the shelf, `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** The length that the shelf will have. */
  readonly expectedSteps: number;
  readonly others: number;
}

type What = Omit<Slot, "base" | "capacity" | "series" | "valid">;

function placed(what: What, { from, to, expectedSteps, others }: Extent): Slot {
  const length = Math.max(to - from, expectedSteps);
  const room = 1 + ROOM + (others % STAGGER) / (10 * STAGGER);
  const capacity = Math.ceil(length * room) + STAGGER;
  const count = 2 + (what.boundsMs === null ? 0 : 1 + what.boundsMs.length) + (what.tcp ? 3 : 0);
  const memory = new SharedArrayBuffer(capacity * (4 * count + 1));
  const series = Array.from({ length: count }, (_, i) => new Float32Array(memory, 4 * capacity * i, capacity));
  return { ...what, base: from, capacity, series, valid: new Uint8Array(memory, 4 * capacity * count, capacity) };
}

/** The slot with room for an extent: itself, or what it holds in a new place. */
export function roomy(slot: Slot, extent: Extent): Slot {
  if (extent.from >= slot.base && extent.to <= slot.base + slot.capacity) return slot;
  return moved(slot, placed(slot, extent), slot.series);
}

/**
 * Copies what both places cover; `series` in the order of the new place, null where it begins
 * empty.
 */
function moved(old: Slot, to: Slot, series: readonly (Float32Array | null)[]): Slot {
  const start = Math.max(old.base, to.base);
  const end = Math.min(old.base + old.capacity, to.base + to.capacity);
  if (end <= start) return to;
  const copy = <T extends Float32Array | Uint8Array>(source: T, target: T): void =>
    target.set(source.subarray(start - old.base, end - old.base), start - to.base);
  to.series.forEach((target, i) => {
    const source = series[i] ?? null;
    if (source !== null) copy(source, target);
  });
  copy(old.valid, to.valid);
  return to;
}

/** The slot of a service as `one` reads it now; `known` is what there was of it. */
export function slotFor(one: ServiceCounts, known: Slot | undefined, extent: Extent): Slot {
  const old = known?.reporter === one.reporter ? known : undefined;
  const boundsMs = one.latency?.boundsMs ?? old?.boundsMs ?? null;
  const tcp = one.connections !== null || old?.tcp === true;
  const flags = summed(old?.flags ?? {}, one.flags);
  const what = { service: one.service, reporter: one.reporter, boundsMs, tcp, flags };
  if (old === undefined) return placed(what, extent);
  const sameBounds = String(old.boundsMs) === String(boundsMs);
  if (sameBounds && old.tcp === tcp) return { ...roomy(old, extent), flags };
  const { requests, latency, connections } = partsOf(old);
  const empty = boundsMs === null ? [] : [null, ...boundsMs.map(() => null)];
  const carried = [
    ...requests,
    ...(sameBounds ? latency : empty),
    ...(tcp ? (connections.length === 0 ? [null, null, null] : connections) : []),
  ];
  return moved(old, placed(what, extent), carried);
}

/** Writes what `one` counted from step `at` of the shelf on, where it knows more. */
export function written(slot: Slot, one: ServiceCounts, at: number): Slot {
  const sources = sourcesOf(one, slot);
  const offset = at - slot.base;
  if (!slot.valid.subarray(offset, offset + one.valid.length).includes(1)) {
    slot.series.forEach((series, k) => {
      const source = sources[k];
      if (source == null) series.fill(0, offset, offset + one.valid.length);
      else series.set(source, offset);
    });
    slot.valid.set(one.valid, offset);
    return slot;
  }
  for (let i = 0; i < one.valid.length; i++) {
    if (one.valid[i] === 0 && slot.valid[offset + i] === 1) continue;
    for (let k = 0; k < sources.length; k++) slot.series[k]![offset + i] = sources[k]?.[i] ?? 0;
    slot.valid[offset + i] = one.valid[i]!;
  }
  return slot;
}

/** The series of a slot by what they are. */
function partsOf({ series, boundsMs, tcp }: Slot) {
  const latency = boundsMs === null ? 0 : 1 + boundsMs.length;
  return {
    requests: series.slice(0, 2),
    latency: series.slice(2, 2 + latency),
    connections: tcp ? series.slice(2 + latency) : [],
  };
}

/** What `one` has of each series of `slot`, in the slot's order; null where it has nothing. */
function sourcesOf(one: ServiceCounts, { boundsMs, tcp }: Slot): readonly (Counts | null)[] {
  const { latency, connections } = one;
  const slow =
    boundsMs === null ? [] : [latency?.successes ?? null, ...boundsMs.map((_, k) => latency?.slow[k] ?? null)];
  const opened = tcp ? [connections?.opened ?? null, connections?.closed ?? null, connections?.failed ?? null] : [];
  return [one.requests, one.failures, ...slow, ...opened];
}

/** `steps` steps of a slot from its step `from` on; views, not copies. */
export function viewOf(slot: Slot, from: number, steps: number): ServiceCounts {
  const { service, reporter, boundsMs, flags } = slot;
  const parts = partsOf(slot);
  const cut = (series: Float32Array | undefined): Float32Array => series!.subarray(from, from + steps);
  const [successes, ...slow] = parts.latency.map(cut);
  const [opened, closed, failed] = parts.connections.map(cut);
  const latency: LatencyCounts | null =
    boundsMs === null || successes === undefined ? null : { boundsMs, successes, slow };
  return {
    service,
    reporter,
    requests: cut(parts.requests[0]),
    failures: cut(parts.requests[1]),
    latency,
    connections:
      opened === undefined || closed === undefined || failed === undefined ? null : { opened, closed, failed },
    valid: slot.valid.subarray(from, from + steps),
    flags,
  };
}

function summed(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum: Record<string, number> = { ...a };
  for (const [flag, n] of Object.entries(b)) sum[flag] = (sum[flag] ?? 0) + n;
  return sum;
}
