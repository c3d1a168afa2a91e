import { type Grid, type Observation, stepStartMs } from "../model/series.ts";
import type { Window } from "../model/units.ts";
import { roomy, type Slot, slotFor, viewOf, written } from "./slot.ts";

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

/** An empty shelf. `expectedSteps`: the length that it will have, to move as little as possible. */
export function historyShelf(expectedSteps = 0): Shelf {
  let grid: Grid | null = null;
  let slots = new Map<string, Slot>();
  let notes: readonly string[] = [];
  let sourceRequests = 0;

  /** Steps are counted from the first grid's start; they may be negative. */
  let phaseMs = 0;
  const indexOf = (ms: number, stepMs: number): number => Math.round((ms - phaseMs) / stepMs);

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
      const extent = () => ({ from, to, expectedSteps, others: slots.size });
      for (const slot of slots.values()) if (!told.has(slot.service)) slots.set(slot.service, roomy(slot, extent()));
      for (const one of newer.services) {
        slots.set(one.service, written(slotFor(one, slots.get(one.service), extent()), one, at));
      }
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
