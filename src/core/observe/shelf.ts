import {
  type Counts,
  type Grid,
  type LatencyCounts,
  type Observation,
  type Reporter,
  type ServiceCounts,
  stepStartMs,
} from "../model/series.ts";
import type { Window } from "../model/units.ts";

/**
 * Room for later steps, in shares of the length: a series moves once a day, not with every minute.
 */
const ROOM = 0.1;
/** Services get different room, so that they do not all move at once. */
const STAGGER = 16;

/**
 * A history that grows in place: 32-bit counts in memory that threads share, so that appending a
 * minute costs a minute and handing a week to another thread costs nothing. What was handed out
 * keeps its length and its place; only steps that were not known may become known in it.
 */
export interface Shelf {
  /**
   * Adds `newer`. Where both have a valid step, `newer` is right. A service that is read by another
   * reporter now keeps only what is newer; with other latency bounds its older latency counts
   * nothing. A grid of another step or phase takes the place of everything.
   */
  append(newer: Observation): void;
  /** Forgets whole steps before `fromMs`, and services that have no valid step after it. */
  trim(fromMs: number): void;
  /**
   * Whole steps in `window` (default: all), and the services that have a valid one among them; null
   * when there is no step.
   */
  view(window?: Window): Observation | null;
}

/** One service: all of its series behind each other, then its validity. */
interface Slot {
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

/** An empty shelf. `expectedSteps`: the length that it will have, to move as little as possible. */
export function historyShelf(expectedSteps = 0): Shelf {
  let grid: Grid | null = null;
  let slots = new Map<string, Slot>();
  let notes: readonly string[] = [];
  let sourceRequests = 0;

  /** Steps are counted from the first grid's start; they may be negative. */
  let phaseMs = 0;
  const indexOf = (ms: number, stepMs: number): number => Math.round((ms - phaseMs) / stepMs);

  function place(slot: Omit<Slot, "base" | "capacity" | "series" | "valid">, from: number, to: number): Slot {
    const length = Math.max(to - from, expectedSteps);
    const room = 1 + ROOM + (slots.size % STAGGER) / (10 * STAGGER);
    const capacity = Math.ceil(length * room) + STAGGER;
    const count = 2 + (slot.boundsMs === null ? 0 : 1 + slot.boundsMs.length) + (slot.tcp ? 3 : 0);
    const memory = new SharedArrayBuffer(capacity * (4 * count + 1));
    const series = Array.from({ length: count }, (_, i) => new Float32Array(memory, 4 * capacity * i, capacity));
    return { ...slot, base: from, capacity, series, valid: new Uint8Array(memory, 4 * capacity * count, capacity) };
  }

  /** The slot with room for `[from, to)`: itself, or what it holds in a new place. */
  function roomy(slot: Slot, from: number, to: number): Slot {
    if (from >= slot.base && to <= slot.base + slot.capacity) return slot;
    return moved(slot, place(slot, from, to), slot.series);
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

  /** The slot as `one` reads its service now. */
  function slotFor(one: ServiceCounts, from: number, to: number): Slot {
    const known = slots.get(one.service);
    const old = known?.reporter === one.reporter ? known : undefined;
    const boundsMs = one.latency?.boundsMs ?? old?.boundsMs ?? null;
    const tcp = one.connections !== null || old?.tcp === true;
    const flags = summed(old?.flags ?? {}, one.flags);
    const slot = { service: one.service, reporter: one.reporter, boundsMs, tcp, flags };
    if (old === undefined) return place(slot, from, to);
    if (String(old.boundsMs) === String(boundsMs) && old.tcp === tcp) return { ...roomy(old, from, to), flags };
    const { requests, latency, connections } = partsOf(old);
    const sameBounds = String(old.boundsMs) === String(boundsMs);
    const empty = boundsMs === null ? [] : [null, ...boundsMs.map(() => null)];
    const carried = [
      ...requests,
      ...(sameBounds ? latency : empty),
      ...(tcp ? (connections.length === 0 ? [null, null, null] : connections) : []),
    ];
    return moved(old, place(slot, from, to), carried);
  }

  function write(slot: Slot, one: ServiceCounts, at: number): Slot {
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

  return {
    append(newer) {
      const { startMs, stepMs, steps } = newer.grid;
      const fits = grid !== null && grid.stepMs === stepMs && (startMs - phaseMs) % stepMs === 0;
      if (!fits) {
        slots = new Map();
        notes = [];
        phaseMs = startMs;
      }
      const at = indexOf(startMs, stepMs);
      const old = fits && grid !== null ? { from: indexOf(grid.startMs, stepMs), steps: grid.steps } : null;
      const from = Math.min(at, old?.from ?? at);
      const to = Math.max(at + steps, old === null ? at : old.from + old.steps);
      grid = { startMs: phaseMs + from * stepMs, stepMs, steps: to - from };
      const told = new Set(newer.services.map(({ service }) => service));
      for (const slot of slots.values()) if (!told.has(slot.service)) slots.set(slot.service, roomy(slot, from, to));
      for (const one of newer.services) slots.set(one.service, write(slotFor(one, from, to), one, at));
      notes = [...new Set([...notes, ...newer.notes])];
      sourceRequests = newer.sourceRequests;
    },
    trim(fromMs) {
      if (grid === null) return;
      const cut = Math.min(grid.steps, Math.max(0, Math.ceil((fromMs - grid.startMs) / grid.stepMs)));
      if (cut === 0) return;
      grid = { startMs: stepStartMs(grid, cut), stepMs: grid.stepMs, steps: grid.steps - cut };
      const from = indexOf(grid.startMs, grid.stepMs);
      for (const slot of slots.values()) {
        const left = slot.valid.subarray(from - slot.base, from - slot.base + grid.steps);
        if (!left.includes(1)) slots.delete(slot.service);
      }
    },
    view({ fromMs, toMs } = { fromMs: -Infinity, toMs: Infinity }) {
      if (grid === null) return null;
      const { startMs, stepMs } = grid;
      const skipped = Math.max(0, Math.ceil((fromMs - startMs) / stepMs));
      const steps = Math.min(grid.steps, Math.floor((toMs - startMs) / stepMs)) - skipped;
      if (!(steps > 0)) return null;
      const from = indexOf(startMs, stepMs) + skipped;
      const services = [...slots.values()]
        .map((slot) => viewOf(slot, from - slot.base, steps))
        .filter(({ valid }) => valid.includes(1))
        .sort((a, b) => (a.service < b.service ? -1 : 1));
      return { grid: { startMs: stepStartMs(grid, skipped), stepMs, steps }, services, sourceRequests, notes };
    },
  };
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

function viewOf(slot: Slot, from: number, steps: number): ServiceCounts {
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
