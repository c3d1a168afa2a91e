import { describeError } from "../../core/model/error.ts";
import type { Grid, Observation } from "../../core/model/series.ts";
import { DAY_MS, type Window } from "../../core/model/units.ts";
import { decodeObservation, encodeObservation } from "../../core/observe/history-codec.ts";
import type { Shelf } from "../../core/observe/shelf.ts";
import type { Cache } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";

/**
 * The history is written to the cache after at least this many new steps: writing a day for every
 * minute would be waste.
 */
const SAVE_AFTER_STEPS = 60;

/** The history in the cache: one blob a day, so that only the newest is written again. */
export class HistoryDays {
  readonly #cache: Cache;
  readonly #log: Log;
  #unsavedSteps = 0;
  /** Start of the oldest day that has unsaved steps. */
  #unsavedFromMs = Number.POSITIVE_INFINITY;

  constructor(cache: Cache, log: Log) {
    this.#cache = cache;
    this.#log = log;
  }

  /** The days that are kept, the oldest first; one that cannot be read is removed. */
  async *load(stepMs: number): AsyncGenerator<Observation> {
    for (const name of (await this.#cache.names(prefixOf(stepMs))).toSorted()) {
      const day = await this.#read(name);
      if (day !== null) yield day;
    }
  }

  /** Notes that steps of `grid` were fetched and are in no blob yet. */
  fetched(grid: Grid): void {
    this.#unsavedSteps += grid.steps;
    this.#unsavedFromMs = Math.min(this.#unsavedFromMs, dayStartMs(grid.startMs));
  }

  /** Writes the days that changed, and removes those before `wanted`. Never rejects. */
  async save(shelf: Shelf, stepMs: number, wanted: Window): Promise<void> {
    if (this.#unsavedSteps < SAVE_AFTER_STEPS) return;
    try {
      const oldestMs = dayStartMs(wanted.fromMs);
      for (let fromMs = Math.max(this.#unsavedFromMs, oldestMs); fromMs < wanted.toMs; fromMs += DAY_MS) {
        const day = shelf.view({ fromMs, toMs: fromMs + DAY_MS });
        if (day !== null) await this.#cache.save(nameOf(stepMs, fromMs), encodeObservation(day));
      }
      const oldest = nameOf(stepMs, oldestMs);
      for (const name of await this.#cache.names(prefixOf(stepMs))) if (name < oldest) await this.#cache.remove(name);
      this.#unsavedSteps = 0;
      this.#unsavedFromMs = Number.POSITIVE_INFINITY;
    } catch (cause) {
      this.#log.warn("the history could not be kept; it is fetched again after a restart", {
        why: describeError(cause),
      });
    }
  }

  async #read(name: string): Promise<Observation | null> {
    const bytes = await this.#cache.load(name);
    if (bytes === null) return null;
    try {
      return decodeObservation(bytes);
    } catch (cause) {
      this.#log.warn("a day of the kept history cannot be read; it is fetched again", {
        name,
        why: describeError(cause),
      });
      await this.#cache.remove(name);
      return null;
    }
  }
}

const prefixOf = (stepMs: number): string => `history/${stepMs}/`;
const dayStartMs = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;
/** Names of days sort by time. */
const nameOf = (stepMs: number, fromMs: number): string =>
  `${prefixOf(stepMs)}${new Date(fromMs).toISOString().slice(0, 10)}`;
