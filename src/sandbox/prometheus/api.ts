import { type Context, Hono } from "hono";
import type { SandboxClock } from "../clock.ts";
import { PromqlError } from "../promql/errors.ts";
import { parseQuery } from "../promql/parse.ts";
import type { SampleStorage } from "../promql/storage.ts";
import { parseGrid, parseTimeMs } from "./params.ts";
import { instantQuery, type QueryData, rangeQuery } from "./query.ts";

/** The version whose semantics are followed. */
const VERSION = "2.42.0";

/**
 * The part of Prometheus' HTTP API that reads: `query` and `query_range` by GET or POST form,
 * `status/buildinfo`, readiness. Refusals carry Prometheus' own `errorType` and status: 400 for
 * what nobody can parse, 422 for what cannot be answered here.
 */
export function prometheusApi(storage: SampleStorage, clock: SandboxClock): Hono {
  const app = new Hono();
  const instant = (params: URLSearchParams): QueryData => {
    const time = params.get("time");
    const atMs = time === null ? Math.floor(clock.nowMs()) : parseTimeMs("time", time);
    return instantQuery(storage, parseQuery(params.get("query") ?? ""), atMs);
  };
  const range = (params: URLSearchParams): QueryData => {
    const grid = parseGrid(params);
    return rangeQuery(storage, parseQuery(params.get("query") ?? ""), grid);
  };
  app.on(["GET", "POST"], "/api/v1/query", (c) => answer(c, instant));
  app.on(["GET", "POST"], "/api/v1/query_range", (c) => answer(c, range));
  app.get("/api/v1/status/buildinfo", (c) =>
    c.json({ status: "success", data: { version: VERSION, revision: "", branch: "" } }),
  );
  app.get("/-/ready", (c) => c.text("Prometheus Server is Ready.\n"));
  app.get("/-/healthy", (c) => c.text("Prometheus Server is Healthy.\n"));
  return app;
}

async function answer(c: Context, run: (params: URLSearchParams) => QueryData): Promise<Response> {
  try {
    return c.json({ status: "success", data: run(await parameters(c)) });
  } catch (cause) {
    if (!(cause instanceof PromqlError)) throw cause;
    const status = cause.errorType === "bad_data" ? 400 : 422;
    return c.json({ status: "error", errorType: cause.errorType, error: cause.message }, status);
  }
}

/** Parameters of the URL and, for a POST form, of the body, which come first. */
async function parameters(c: Context): Promise<URLSearchParams> {
  const fromUrl = new URL(c.req.url).searchParams;
  if (c.req.method !== "POST") return fromUrl;
  const merged = new URLSearchParams(await c.req.text());
  for (const [name, value] of fromUrl) merged.append(name, value);
  return merged;
}
