import { ENDED } from "../../core/experiment/life.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { DAY_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { Annotation, Annotator } from "../../ports/annotator.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Settings } from "../preflight/settings.ts";
import type { Archive } from "../records/archive.ts";
import type { Book } from "../records/experiment-reader.ts";
import { annotationOf } from "./annotation.ts";

/** What other workers may have left is looked for this often. */
const LOOK_AROUND_MS = 5 * MINUTE_MS;
/** Whoever wrote the event annotates at once; the others only what is missing after this. */
const LEAVE_TO_OTHERS_MS = 2 * MINUTE_MS;
/** A process that starts looks back this far. */
const REACH_MS = DAY_MS;
/** Waits after failures: 1, 2, 4 … minutes, at most this. */
const LONGEST_WAIT_MS = 30 * MINUTE_MS;
/** Two and a half hours with these waits: old news helps nobody. */
const MOST_TRIES = 9;

export interface AnnotationsDeps {
  readonly annotator: Annotator;
  readonly clock: Clock;
  readonly log: Log;
  readonly book: Book;
  readonly archive: Pick<Archive, "annotation" | "keepAnnotation">;
  settings(): Settings;
}

/**
 * Keeps annotations of experiments elsewhere. An experiment neither waits for it nor knows of it.
 */
export interface Annotations {
  /** Something happened in an experiment, by this process. */
  told(id: string, state: ExperimentState): void;
  /**
   * Writes what is due. Rejects only when the journal cannot be read, and when `signal` aborts.
   */
  look(signal: AbortSignal): Promise<void>;
}

/** An experiment whose annotation may not be as it should. */
interface Due {
  /** By the counter of the clock. */
  readonly atMs: number;
  readonly tries: number;
}

/**
 * Which annotation is whose is kept beside the journal; what is lost there is found by its tags. So
 * a restart writes none twice.
 */
export function annotationsIn(deps: AnnotationsDeps): Annotations {
  const { clock, book } = deps;
  const due = new Map<string, Due>();
  /** What could not be written of those that have not come to their end, or null. */
  const unfinished = new Map<string, string | null>();
  let nextAroundMs: number | null = null;

  async function lookAround(): Promise<void> {
    if (nextAroundMs !== null && clock.monotonicMs() < nextAroundMs) return;
    const nowMs = clock.nowMs();
    const past = nextAroundMs === null ? await book.between(nowMs - REACH_MS, nowMs + 1) : [];
    const atMs = clock.monotonicMs() + LEAVE_TO_OTHERS_MS;
    const begun = [...past, ...(await book.open())].flatMap(({ plan, t0Ms }) =>
      plan === null || t0Ms === null ? [] : [plan.id],
    );
    for (const id of new Set([...begun, ...unfinished.keys()])) if (!due.has(id)) due.set(id, { atMs, tries: 0 });
    nextAroundMs = clock.monotonicMs() + LOOK_AROUND_MS;
  }

  /** Brings one annotation up to date; when to try again, or null. */
  async function attend(id: string, { tries }: Due, signal: AbortSignal): Promise<Due | null> {
    const state = await book.experiment(id);
    const annotation = annotationOf(state, deps.settings());
    const said = JSON.stringify(annotation);
    const givenUp = unfinished.get(id) === said;
    if (ENDED.includes(state.phase)) unfinished.delete(id);
    else unfinished.set(id, givenUp ? said : null);
    if (annotation === null || givenUp) return null;
    try {
      await write(deps, annotation, said, signal);
      return null;
    } catch (cause) {
      signal.throwIfAborted();
      if (!hasCode(cause, "notify-failed")) throw cause;
      const again = cause.retryable && tries + 1 < MOST_TRIES;
      const what = "an annotation could not be written";
      const fields = { experiment: id, why: describeError(cause) };
      deps.log.warn(again ? `${what}; it will be tried again` : what, fields);
      if (!again && unfinished.has(id)) unfinished.set(id, said);
      const waitMs = Math.max(MINUTE_MS * 2 ** tries, cause.retryAfterMs ?? 0);
      return again ? { atMs: clock.monotonicMs() + Math.min(waitMs, LONGEST_WAIT_MS), tries: tries + 1 } : null;
    }
  }

  return {
    told(id, { t0Ms }) {
      if (t0Ms !== null) due.set(id, { atMs: clock.monotonicMs(), tries: 0 });
    },
    async look(signal) {
      await lookAround();
      for (const [id, one] of due) {
        if (clock.monotonicMs() < one.atMs) continue;
        const again = await attend(id, one, signal);
        if (due.get(id) !== one) continue; // told meanwhile: it is due again
        if (again === null) due.delete(id);
        else due.set(id, again);
        if (again !== null) return; // who does not answer one does not answer the next
      }
    },
  };
}

async function write(
  { annotator, archive }: Pick<AnnotationsDeps, "annotator" | "archive">,
  annotation: Annotation,
  said: string,
  signal: AbortSignal,
): Promise<void> {
  const id = annotation.experimentId;
  const known = await archive.annotation(id);
  if (known?.said === said) return;
  const number = known?.number ?? (await annotator.find(annotation, signal));
  if (number !== null) await annotator.change(number, annotation, signal);
  await archive.keepAnnotation(id, { number: number ?? (await annotator.add(annotation, signal)), said });
}
