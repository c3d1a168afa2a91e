import { PrometheusDriver } from "prometheus-query";
import type { AftershockError } from "../../../core/model/error.ts";
import type { Labels } from "../signals/classify.ts";
import { type Beside, besideOf } from "./complete.ts";
import { garbled, refused, tooLarge, unreachable } from "./errors.ts";
import { INSTANT_MAX_BYTES, INSTANT_MAX_ROWS } from "./limits.ts";
import { errorFields, retryAfterMs, type Transport } from "./transport.ts";

/** One row of an instant answer. */
export interface Row {
  readonly labels: Labels;
  readonly value: number;
}
export interface InstantAnswer extends Beside {
  readonly rows: readonly Row[];
}

/**
 * Evaluates `query` at `timeMs` (null: the server's own now) through prometheus-query; for answers of some thousand rows at most.
 * The library knows neither AbortSignal nor warnings, hides the status of answers that are not JSON and rejects with plain objects
 * that hold the request's headers: interceptors see to all of that, and nothing of its errors leaves this function.
 */
export async function instant(
  transport: Transport,
  query: string,
  timeMs: number | null,
  signal: AbortSignal,
): Promise<InstantAnswer> {
  const { where, timeoutMs, redact } = transport;
  let beside: Beside = { warnings: [], isPartial: false };
  let problem: AftershockError | null = null;
  const driver = new PrometheusDriver({
    endpoint: transport.endpoint,
    headers: { ...transport.headers },
    timeout: timeoutMs,
    preferPost: true,
    requestInterceptor: {
      onFulfilled(config) {
        config.signal = signal;
        config.proxy = false;
        config.maxRedirects = 0;
        config.maxContentLength = INSTANT_MAX_BYTES;
        config.httpAgent = transport.agents.http;
        config.httpsAgent = transport.agents.https;
        for (const [name, value] of transport.params) config.params.append(name, value);
        if (timeMs === null) config.data.delete("time");
        return config;
      },
    },
    responseInterceptor: {
      onFulfilled(response) {
        const { data, headers } = response;
        const contentType = String(headers["content-type"] ?? "");
        if (/html/i.test(contentType)) problem = refused(where, { status: 200, html: true });
        else if (typeof data !== "object" || data === null) problem = garbled(where, "it is not JSON");
        else if (data.status === undefined) problem = garbled(where, "it has no status");
        else if (data.status !== "success") {
          const { errorType, error } = errorFields(data);
          problem = refused(where, { status: 200, errorType, text: error && redact(error) });
        } else beside = besideOf(data);
        if (problem) throw problem;
        return response;
      },
      onRejected(cause: { response?: { status: number; data: unknown; headers: Record<string, unknown> } }) {
        const { response } = cause;
        // A good status with an error: the answer broke off.
        if (response && response.status !== 200) {
          const { errorType, error } = errorFields(response.data);
          problem = refused(where, {
            status: response.status,
            html: /html/i.test(String(response.headers["content-type"] ?? "")),
            errorType,
            text: error === undefined ? undefined : redact(error),
            retryAfterMs: retryAfterMs(response.headers["retry-after"] as string | undefined),
          });
        } else problem = isTooLong(cause) ? tooLarge(where) : unreachable(where, cause, timeoutMs);
        throw problem;
      },
    },
  });
  try {
    // The library takes 0 for "no time", and a time is taken out again above when the server's own is wanted.
    const answer = await driver.instantQuery(query, timeMs ?? 1, transport.serverTimeout);
    if (answer.result.length > INSTANT_MAX_ROWS) {
      problem = tooLarge(where);
      throw problem;
    }
    return { rows: rowsOf(answer.resultType, answer.result), ...beside };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw problem ?? garbled(where, cause instanceof Error ? redact(cause.message) : "it is not what Prometheus sends");
  }
}

/** What axios says of an answer beyond `maxContentLength`. */
const isTooLong = (cause: unknown): boolean => cause instanceof Error && cause.message.startsWith("maxContentLength");

function rowsOf(resultType: string, result: readonly unknown[]): readonly Row[] {
  if (resultType === "scalar") return [{ labels: {}, value: Number(result[1]) }];
  return result.map((row) => {
    const { metric, value } = row as { metric: { labels: Labels } | null; value: { value: number } };
    return { labels: metric?.labels ?? {}, value: value.value };
  });
}
