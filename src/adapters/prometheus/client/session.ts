import type { Log } from "../../../ports/log.ts";
import { type Matchers, matcherTexts, withMatchers } from "../signals/matchers.ts";
import { type Beside, whatIsLost } from "./complete.ts";
import { incomplete, tooLarge } from "./errors.ts";
import { instant, type Row } from "./instant.ts";
import { INSTANT_MAX_BYTES, INSTANT_MAX_ROWS } from "./limits.ts";
import type { OnSeries } from "./matrix-reader.ts";
import { atTimesOf, OtherTimes, onWholeSteps, type Span } from "./steps.ts";
import type { Params, Transport } from "./transport.ts";

/**
 * The requests of one call of the port: counted, limited in number, and none of them answered in
 * part: such an answer rejects.
 */
export interface Session {
  readonly signal: AbortSignal;
  /** Rows of an instant query at `timeMs`; null is the server's own now. */
  rows(query: string, timeMs: number | null): Promise<readonly Row[]>;
  /** Raw samples of a range selector that ends at `timeMs`. */
  raw(query: string, timeMs: number, onSeries: OnSeries): Promise<void>;
  /** Values at `fromMs`, `fromMs + stepMs` … `toMs`. */
  range(query: string, span: Span, onSeries: OnSeries): Promise<void>;
  requests(): number;
}

/** @param matchers go into every selector of every query */
export function openSession(transport: Transport, log: Log, signal: AbortSignal, matchers: Matchers = {}): Session {
  const added = matcherTexts(matchers);
  const scoped = (query: string): string => withMatchers(query, added);
  let requests = 0;
  const stream = (path: string, params: Params, onSeries: OnSeries, maxBytes?: number): Promise<void> =>
    transport.limited(async () => {
      signal.throwIfAborted();
      requests++;
      const withLimit = { ...params, timeout: transport.serverTimeout };
      const answer = await transport.stream(path, withLimit, onSeries, { signal, maxBytes });
      refuseLoss(answer);
      log.debug("prometheus answered", { path, query: params.query, series: answer.series });
    });
  const ranged = (query: string, span: Span, onSeries: OnSeries): Promise<void> => {
    const { fromMs, toMs, stepMs } = span;
    const params = { query, start: seconds(fromMs), end: seconds(toMs), step: seconds(stepMs) };
    return stream("query_range", params, atTimesOf(span, transport.where, onSeries));
  };
  const refuseLoss = (answer: Beside): void => {
    const lost = whatIsLost(answer);
    if (lost !== null) throw incomplete(transport.where, transport.redact(lost));
  };
  return {
    signal,
    rows(query, timeMs) {
      let rows = 0;
      return instant(transport, scoped(query), timeMs, (path, params, onSeries) => {
        const counted: OnSeries = (labels, samples) => {
          onSeries(labels, samples);
          if (++rows > INSTANT_MAX_ROWS) throw tooLarge(transport.where);
        };
        return stream(path, params, counted, INSTANT_MAX_BYTES);
      });
    },
    raw: (query, timeMs, onSeries) => stream("query", { query: scoped(query), time: seconds(timeMs) }, onSeries),
    async range(query, span, onSeries) {
      const text = scoped(query);
      const whole = onWholeSteps(text, span);
      if (whole !== null && transport.wantsWholeSteps()) return ranged(whole.query, whole.span, whole.back(onSeries));
      try {
        await ranged(text, span, onSeries);
      } catch (cause) {
        if (!(cause instanceof OtherTimes) || whole === null) throw cause;
        transport.noteWholeSteps();
        await ranged(whole.query, whole.span, whole.back(onSeries));
      }
    },
    requests: () => requests,
  };
}

const seconds = (ms: number): string => `${ms / 1000}`;
