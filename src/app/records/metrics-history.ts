import { describeError } from "../../core/model/error.ts";
import type { Grid, Observation } from "../../core/model/series.ts";
import { DAY_MS, type Window } from "../../core/model/units.ts";
import { missingSpans, readingsOf } from "../../core/observe/history.ts";
import { decodeObservation, encodeObservation } from "../../core/observe/history-codec.ts";
import { historyShelf, type Shelf } from "../../core/observe/shelf.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Cache } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";

/** Steps so close to now may not have been scraped yet. */
const UNSETTLED_STEPS = 2;
/**
 * A span that the source could not fill is asked for again after this many steps, not at every
 * judgement.
 */
const ASK_AGAIN_STEPS = 60;
/**
 * The history is written to the cache after at least this many new steps: writing a day for every
 * minute would be waste.
 */
const SAVE_AFTER_STEPS = 60;
/** One blob holds this much: only the newest one is written again. */
const CHUNK_MS = DAY_MS;
/** So many services are put on the shelf at a time. */
const SERVICES_A_TURN = 50;

export interface HistoryDeps {
  readonly metrics: MetricsSource;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly log: Log;
  /** How far back, ms. */
  reachMs(): number;
}

/**
 * Keeps every service's own history: fetched once, appended afterwards, kept beside the journal.
 */
export interface HistoryKeeper {
  /**
   * History that ends at `toMs` at the latest; null when there is none. What cannot be fetched is
   * left out, never made up.
   */
  upTo(toMs: number, stepMs: number, signal: AbortSignal): Promise<Observation | null>;
  /** Fetches what is new, so that the next judgement finds it there. */
  refresh(stepMs: number, signal: AbortSignal): Promise<void>;
}

export function historyKeeper(deps: HistoryDeps): HistoryKeeper {
  /** The history on steps of `stepMs`. */
  let kept: { readonly stepMs: number; readonly shelf: Shelf } | null = null;
  let unsavedSteps = 0;
  /** Start of the oldest chunk that has unsaved steps. */
  let unsavedFromMs = Number.POSITIVE_INFINITY;
  /** Ends of spans that were asked for and stayed empty, with the time of asking. */
  const empty = new Map<number, number>();
  let turn: Promise<unknown> = Promise.resolve();

  async function load(stepMs: number, signal: AbortSignal): Promise<Shelf> {
    if (kept?.stepMs === stepMs) return kept.shelf;
    const shelf = historyShelf(Math.ceil(deps.reachMs() / stepMs));
    for (const name of (await deps.cache.names(prefixOf(stepMs))).toSorted()) {
      const bytes = await deps.cache.load(name);
      if (bytes === null) continue;
      let chunk: Observation;
      try {
        chunk = decodeObservation(bytes);
      } catch (cause) {
        deps.log.warn("a day of the kept history cannot be read; it is fetched again", {
          name,
          why: describeError(cause),
        });
        await deps.cache.remove(name);
        continue;
      }
      await appendInTurns(shelf, chunk, signal);
    }
    kept = { stepMs, shelf };
    return shelf;
  }

  /** A day of hundreds of services is much: others are answered in between. */
  async function appendInTurns(shelf: Shelf, chunk: Observation, signal: AbortSignal): Promise<void> {
    for (let i = 0; i < chunk.services.length; i += SERVICES_A_TURN) {
      shelf.append({ ...chunk, services: chunk.services.slice(i, i + SERVICES_A_TURN) });
      await deps.clock.sleep(1, signal);
    }
  }

  async function fetchMissing(shelf: Shelf, wanted: Window, stepMs: number, signal: AbortSignal): Promise<void> {
    const nowMs = deps.clock.nowMs();
    for (const span of missingSpans(shelf.view(), wanted, stepMs)) {
      const askedMs = empty.get(span.toMs);
      if (askedMs !== undefined && nowMs < askedMs + ASK_AGAIN_STEPS * stepMs) continue;
      const grid: Grid = { startMs: span.fromMs, stepMs, steps: Math.floor((span.toMs - span.fromMs) / stepMs) };
      if (grid.steps < 1) continue;
      const known = shelf.view();
      const fetched = await deps.metrics.history(grid, signal, known === null ? undefined : readingsOf(known));
      if (fetched.services.length === 0) {
        empty.set(span.toMs, nowMs);
        continue;
      }
      await appendInTurns(shelf, fetched, signal);
      unsavedSteps += grid.steps;
      unsavedFromMs = Math.min(unsavedFromMs, chunkStartMs(span.fromMs));
    }
    shelf.trim(wanted.fromMs);
    for (const [toMs] of empty) if (toMs < wanted.fromMs) empty.delete(toMs);
  }

  async function save(shelf: Shelf, stepMs: number, wanted: Window): Promise<void> {
    if (unsavedSteps < SAVE_AFTER_STEPS) return;
    try {
      for (
        let fromMs = Math.max(unsavedFromMs, chunkStartMs(wanted.fromMs));
        fromMs < wanted.toMs;
        fromMs += CHUNK_MS
      ) {
        const chunk = shelf.view({ fromMs, toMs: fromMs + CHUNK_MS });
        if (chunk !== null) await deps.cache.save(nameOf(stepMs, fromMs), encodeObservation(chunk));
      }
      const oldest = nameOf(stepMs, chunkStartMs(wanted.fromMs));
      for (const name of await deps.cache.names(prefixOf(stepMs))) if (name < oldest) await deps.cache.remove(name);
      unsavedSteps = 0;
      unsavedFromMs = Number.POSITIVE_INFINITY;
    } catch (cause) {
      deps.log.warn("the history could not be kept; it is fetched again after a restart", {
        why: describeError(cause),
      });
    }
  }

  async function bringUpTo(toMs: number, stepMs: number, signal: AbortSignal): Promise<void> {
    const shelf = await load(stepMs, signal);
    const settledMs = deps.clock.nowMs() - UNSETTLED_STEPS * stepMs;
    const endMs = Math.floor(Math.min(toMs, settledMs) / stepMs) * stepMs;
    const wanted = { fromMs: endMs - deps.reachMs(), toMs: endMs };
    await fetchMissing(shelf, wanted, stepMs, signal);
    await save(shelf, stepMs, wanted);
  }

  /** Nothing later than `toMs`: whoever judges a past window must not see what came after it. */
  const upTo = (toMs: number, stepMs: number): Observation | null =>
    kept?.stepMs === stepMs ? kept.shelf.view({ fromMs: Number.NEGATIVE_INFINITY, toMs }) : null;

  /** One at a time: two at once would fetch the same spans. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  }

  return {
    upTo: (toMs, stepMs, signal) =>
      inTurn(async () => {
        await bringUpTo(toMs, stepMs, signal).catch((cause: unknown) => {
          signal.throwIfAborted();
          deps.log.warn("newer history cannot be fetched; judging with what is there", { why: describeError(cause) });
        });
        return upTo(toMs, stepMs);
      }),
    refresh: (stepMs, signal) => inTurn(() => bringUpTo(deps.clock.nowMs(), stepMs, signal)),
  };
}

const prefixOf = (stepMs: number): string => `history/${stepMs}/`;
const chunkStartMs = (atMs: number): number => Math.floor(atMs / CHUNK_MS) * CHUNK_MS;
/** Names of chunks sort by time. */
const nameOf = (stepMs: number, fromMs: number): string =>
  `${prefixOf(stepMs)}${new Date(fromMs).toISOString().slice(0, 10)}`;
