import { type InstantVector, PrometheusDriver } from "prometheus-query";
import type { Labels } from "../signals/classify.ts";
import { garbled } from "./errors.ts";
import type { OnSeries } from "./matrix-reader.ts";
import type { Params } from "./transport.ts";

/** One row of an instant answer; its labels do not name the metric. */
export interface Row {
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Carries one request of the library: `path` below `/api/v1/`, its parameters, and where each
 * series of the answer goes.
 */
export type Carry = (path: string, params: Params, onSeries: OnSeries) => Promise<void>;

/** What the library makes of a request; its types name axios, which is a detail of its own. */
interface Asked {
  readonly url?: string;
  readonly data?: unknown;
}

/**
 * Evaluates `query` at `timeMs` (null: the server's own now) through prometheus-query; for some
 * thousand rows at most. The library knows the API: paths, parameters, results. It knows neither
 * abort signals, bounds, partial answers, proxies nor tokens that change, so `carry` sends what it
 * asks for and reads the answer. Rejects as `carry` does.
 */
export async function instant(
  { where, serverTimeout }: { readonly where: string; readonly serverTimeout: string },
  query: string,
  timeMs: number | null,
  carry: Carry,
): Promise<readonly Row[]> {
  let problem: unknown;
  const adapter = async (asked: Asked) => {
    const params = new URLSearchParams(String(asked.data ?? ""));
    // the library asks for its own now when it is given no time; the server's is wanted
    if (timeMs === null) params.delete("time");
    const result: object[] = [];
    await carry(asked.url ?? "", Object.fromEntries(params), (labels, { n, timesMs, values }) => {
      // a number in its shortest text is the same number again
      if (n > 0) result.push({ metric: labels, value: [timesMs[n - 1]! / 1_000, String(values[n - 1])] });
    }).catch((cause: unknown) => {
      problem = cause;
      throw cause;
    });
    const data = { status: "success", data: { resultType: "vector", result } };
    return { data, status: 200, statusText: "OK", headers: {}, config: asked };
  };
  const driver = new PrometheusDriver({
    endpoint: where,
    preferPost: true,
    requestInterceptor: { onFulfilled: (config) => Object.assign(config, { adapter }) },
  });
  try {
    const answer = await driver.instantQuery(query, timeMs ?? undefined, serverTimeout);
    return (answer.result as InstantVector[]).map(({ metric, value }) => ({
      labels: { ...(metric?.labels as Labels | undefined) },
      value: value.value,
    }));
  } catch (cause) {
    if (problem !== undefined) throw problem;
    throw garbled(where, cause instanceof Error ? cause.message : "it is not what Prometheus sends");
  }
}
