import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { QueryTooLarge } from "../../../src/adapters/prometheus/client/errors.ts";
import { prometheusAlerts } from "../../../src/adapters/prometheus/read/alerts.ts";
import { sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const NOW_MS = Date.parse("2026-03-06T10:00:00Z");

async function errorFor(status: number, body: string): Promise<Error & { hint: string; retryable: boolean }> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.on("end", () => outgoing.writeHead(status, { "content-type": "application/json" }).end(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  try {
    await prometheusAlerts(sourceOptions(`http://127.0.0.1:${port}`, NOW_MS)).firing("", never);
  } catch (cause) {
    return cause as Error & { hint: string; retryable: boolean };
  } finally {
    server.closeAllConnections();
    server.close();
  }
  throw new Error("it was answered");
}

const failure = (errorType: string, error: string): string => JSON.stringify({ status: "error", errorType, error });

/** Texts as these servers write them in their source. */
describe("a query that is too large is known by the words of", () => {
  test.each([
    {
      name: "Mimir, whose limits are of a tenant",
      status: 422,
      body: failure(
        "execution",
        "the query exceeded the maximum number of chunks (limit: 2000000 chunks) (err-mimir-max-chunks-per-query). Consider reducing the time range and/or number of series selected by the query. Otherwise, to adjust the related per-tenant limit, configure -querier.max-fetched-chunks-per-query, or contact your service administrator.",
      ),
    },
    {
      name: "Mimir, about memory",
      status: 400,
      body: failure(
        "bad_data",
        "the query exceeded the maximum allowed estimated amount of memory consumed by a single query (limit: 1000 bytes) (err-mimir-max-estimated-memory-consumption-per-query)",
      ),
    },
    {
      name: "Cortex",
      status: 422,
      body: failure("execution", "the query hit the max number of series limit (limit: 100000 series)"),
    },
    {
      name: "Cortex, with its status of a store",
      status: 500,
      body: "expanding series: the query hit the aggregated data size limit (limit: 1000 bytes)",
    },
    {
      name: "Thanos",
      status: 500,
      body: failure("internal", "exceeded series limit: rpc error: code = ResourceExhausted desc = limit 10 violated"),
    },
    {
      name: "gRPC between two of them",
      status: 500,
      body: failure(
        "internal",
        "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5000000 vs. 4194304)",
      ),
    },
    {
      name: "VictoriaMetrics, about samples",
      status: 422,
      body: failure(
        "422",
        "cannot select more than -search.maxSamplesPerQuery=1000000000 samples; possible solutions: to increase the -search.maxSamplesPerQuery",
      ),
    },
    {
      name: "VictoriaMetrics, about series",
      status: 422,
      body: failure(
        "422",
        "the number of matching timeseries exceeds 300000; either narrow down the search or increase -search.max* command-line flag values",
      ),
    },
    {
      name: "VictoriaMetrics, about memory",
      status: 503,
      body: failure("503", "not enough memory for processing 3000000 data points across 1000 time series"),
    },
    {
      name: "Google's service",
      status: 400,
      body: JSON.stringify({
        error: { code: 400, message: "Query exceeded the limit of time series scanned", status: "INVALID_ARGUMENT" },
      }),
    },
  ])("$name", async ({ status, body }) => {
    const error = await errorFor(status, body);
    expect(error).toBeInstanceOf(QueryTooLarge);
    expect(error.message).toMatch(/finds the query too large: \S/);
    expect(error.hint).toContain("raise the limit that it names");
  });
});

describe("what is no matter of size is told as what it is", () => {
  test.each([
    {
      name: "Mimir's limit of requests a second",
      status: 429,
      body: failure(
        "too_many_requests",
        "the request has been rejected because the tenant exceeded the request rate limit, set to 5 requests/s (err-mimir-tenant-max-request-rate)",
      ),
      said: /too much to do \(429\): .*err-mimir-tenant-max-request-rate/,
      hint: /tried again later/,
    },
    {
      name: "VictoriaMetrics that is busy",
      status: 429,
      body: failure(
        "429",
        "couldn't start executing the request in 10 seconds, since -search.maxConcurrentRequests=8 concurrent requests are executed",
      ),
      said: /too much to do \(429\)/,
      hint: /tried again later/,
    },
    {
      name: "Mimir's list of blocked queries",
      status: 422,
      body: failure("execution", "the request has been blocked by the cluster administrator (err-mimir-query-blocked)"),
      said: /refused the query \(422\): .*err-mimir-query-blocked/,
      hint: /report this/,
    },
    {
      name: "a tenant that does not exist",
      status: 404,
      body: failure("not_found", "tenant team-a not found"),
      said: /wants another tenant \(404\)/,
      hint: /prometheus\.tenant/,
    },
    {
      name: "Google's service without rights, whose text stands deeper",
      status: 403,
      body: JSON.stringify({
        error: { code: 403, message: "Permission monitoring.timeSeries.list denied", status: "PERMISSION_DENIED" },
      }),
      said: /refused us with 403: Permission monitoring\.timeSeries\.list denied/,
      hint: /bearerToken/,
    },
    {
      name: "Azure's service with an old token",
      status: 401,
      body: JSON.stringify({ error: { code: "InvalidAuthenticationToken", message: "The access token expired" } }),
      said: /refused us with 401: The access token expired/,
      hint: /bearerToken/,
    },
    {
      name: "Amazon's service without a signature",
      status: 403,
      body: JSON.stringify({ message: "Missing Authentication Token" }),
      said: /refused us with 403: Missing Authentication Token/,
      hint: /aws-sigv4-proxy/,
    },
    {
      name: "Amazon's service without rights",
      status: 403,
      body: JSON.stringify({ message: "User: arn:aws:sts::1:x is not authorized to perform: aps:QueryMetrics" }),
      said: /aps:QueryMetrics/,
      hint: /signs them/,
    },
    {
      name: "a gateway that says several lines",
      status: 502,
      body: "upstream connect error or disconnect/reset before headers\nreset reason: connection timeout\n",
      said: /answered with 502: upstream connect error/,
      hint: /is up/,
    },
  ])("$name", async ({ status, body, said, hint }) => {
    const error = await errorFor(status, body);
    expect(error).not.toBeInstanceOf(QueryTooLarge);
    expect(error.message).toMatch(said);
    expect(error.hint).toMatch(hint);
  });
});
