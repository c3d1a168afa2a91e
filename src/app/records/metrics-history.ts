import { describeError } from "../../core/model/error.ts";
import type { Grid, Observation } from "../../core/model/series.ts";
import type { Window } from "../../core/model/units.ts";
import { missingSpans, readingsOf } from "../../core/observe/history.ts";
import { historyShelf, type Shelf } from "../../core/observe/shelf.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Cache } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { HistoryDays } from "./history-days.ts";

/** Steps so close to now may not have been scraped yet. */
const UNSETTLED_STEPS = 2;
/**
 * A span that the source could not fill is asked for again after this many steps, not at every
 * judgement.
 */
const ASK_AGAIN_STEPS = 60;
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

export const historyKeeper = (deps: HistoryDeps): HistoryKeeper => new Keeper(deps);

class Keeper implements HistoryKeeper {
  readonly #deps: HistoryDeps;
  readonly #days: HistoryDays;
  /** The history on steps of `stepMs`. */
  #kept: { readonly stepMs: number; readonly shelf: Shelf } | null = null;
  /** Ends of spans that were asked for and stayed empty, with the time of asking. */
  readonly #emptySince = new Map<number, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
    this.#days = new HistoryDays(deps.cache, deps.log);
  }

  upTo(toMs: number, stepMs: number, signal: AbortSignal): Promise<Observation | null> {
    return this.#inTurn(async () => {
      await this.#bringUpTo(toMs, stepMs, signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        const why = describeError(cause);
        this.#deps.log.warn("newer history cannot be fetched; judging with what is there", { why });
      });
      // Nothing later: whoever judges a past window must not see what came after it.
      return this.#kept?.stepMs === stepMs ? this.#kept.shelf.view({ fromMs: Number.NEGATIVE_INFINITY, toMs }) : null;
    });
  }

  refresh(stepMs: number, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#bringUpTo(this.#deps.clock.nowMs(), stepMs, signal));
  }

  async #bringUpTo(toMs: number, stepMs: number, signal: AbortSignal): Promise<void> {
    const shelf = await this.#shelf(stepMs, signal);
    const settledMs = this.#deps.clock.nowMs() - UNSETTLED_STEPS * stepMs;
    const endMs = Math.floor(Math.min(toMs, settledMs) / stepMs) * stepMs;
    const wanted = { fromMs: endMs - this.#deps.reachMs(), toMs: endMs };
    await this.#fetchMissing(shelf, wanted, stepMs, signal);
    await this.#days.save(shelf, stepMs, wanted);
  }

  async #shelf(stepMs: number, signal: AbortSignal): Promise<Shelf> {
    if (this.#kept?.stepMs === stepMs) return this.#kept.shelf;
    const shelf = historyShelf(Math.ceil(this.#deps.reachMs() / stepMs));
    for await (const day of this.#days.load(stepMs)) await this.#append(shelf, day, signal);
    this.#kept = { stepMs, shelf };
    return shelf;
  }

  async #fetchMissing(shelf: Shelf, wanted: Window, stepMs: number, signal: AbortSignal): Promise<void> {
    const { clock, metrics } = this.#deps;
    const nowMs = clock.nowMs();
    for (const span of missingSpans(shelf.view(), wanted, stepMs)) {
      const askedMs = this.#emptySince.get(span.toMs);
      if (askedMs !== undefined && nowMs < askedMs + ASK_AGAIN_STEPS * stepMs) continue;
      const grid: Grid = { startMs: span.fromMs, stepMs, steps: Math.floor((span.toMs - span.fromMs) / stepMs) };
      if (grid.steps < 1) continue;
      const known = shelf.view();
      const fetched = await metrics.history(grid, signal, known === null ? undefined : readingsOf(known));
      if (fetched.services.length === 0) {
        this.#emptySince.set(span.toMs, nowMs);
        continue;
      }
      await this.#append(shelf, fetched, signal);
      this.#days.fetched(grid);
    }
    shelf.trim(wanted.fromMs);
    for (const [toMs] of this.#emptySince) if (toMs < wanted.fromMs) this.#emptySince.delete(toMs);
  }

  /** A day of hundreds of services is much: others are answered in between. */
  async #append(shelf: Shelf, part: Observation, signal: AbortSignal): Promise<void> {
    for (let i = 0; i < part.services.length; i += SERVICES_A_TURN) {
      shelf.append({ ...part, services: part.services.slice(i, i + SERVICES_A_TURN) });
      await this.#deps.clock.sleep(1, signal);
    }
  }

  /** One at a time: two at once would fetch the same spans. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(task);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
