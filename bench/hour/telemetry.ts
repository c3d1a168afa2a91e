import { once } from "node:events";
import { createServer } from "node:http";
import { requestLabels } from "../../test/support/openmetrics.ts";
import { NAMESPACE } from "../cluster/crowd.ts";

/** Latency bounds in ms of the made-up proxies. */
const BOUNDS_MS = [10, 50, 100, 500, 1_000];
/** Share of requests at or below each bound. */
const SHARES = [0.2, 0.7, 0.9, 0.99, 1];
const STEP_S = 60;

/**
 * `namespace/name` of each service: those of the crowd first, so that its experiments can be
 * judged.
 */
export const serviceNames = (count: number, crowd: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => (i < crowd ? `${NAMESPACE}/crowd-${i}` : `team-${i % 20}/service-${i}`));

const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",");

/**
 * Counters of one service at a time: steady traffic with a slow swing, one failure in 500 requests.
 * Linear in time, so that history and scrapes fit together.
 */
function seriesOf(service: string, i: number): readonly { name: string; labels: string; at(s: number): number }[] {
  const perSecond = 2 + (i % 7);
  const requests = (s: number): number =>
    Math.floor(perSecond * (s + 600 * Math.sin((s + i * 97) / 1_800)) + perSecond * 600);
  const labels = (code: number) => labelText(requestLabels({ atMs: 0, to: service, code }));
  const ok = labels(200);
  return [
    { name: "istio_requests_total", labels: ok, at: requests },
    { name: "istio_requests_total", labels: labels(503), at: (s) => Math.floor(requests(s) / 500) },
    ...[...BOUNDS_MS, Number.POSITIVE_INFINITY].map((bound, b) => ({
      name: "istio_request_duration_milliseconds_bucket",
      labels: `${ok},le="${bound === Number.POSITIVE_INFINITY ? "+Inf" : bound}"`,
      at: (s: number) => Math.floor(requests(s) * (SHARES[b] ?? 1)),
    })),
  ];
}

export interface Telemetry {
  /**
   * The past up to `toMs` as OpenMetrics text with times, for `promtool tsdb create-blocks-from`.
   */
  history(fromMs: number, toMs: number, target: string): string;
  /** What a scrape sees at a time. */
  page(atMs: number): string;
}

export function telemetryOf(services: readonly string[], bornMs: number): Telemetry {
  const all = services.flatMap(seriesOf);
  const families = [...Map.groupBy(all, ({ name }) => name)];
  const since = (atMs: number): number => (atMs - bornMs) / 1_000;
  return {
    history(fromMs, toMs, target) {
      const lines: string[] = [];
      for (const [name, own] of families) {
        lines.push(`# TYPE ${name.replace(/_total$/, "")} ${name.endsWith("_total") ? "counter" : "unknown"}`);
        for (const { labels, at } of own)
          for (let ms = fromMs; ms < toMs; ms += STEP_S * 1_000)
            lines.push(`${name}{${labels},${target}} ${at(since(ms))} ${ms / 1_000}`);
      }
      lines.push("# TYPE up gauge");
      for (let ms = fromMs; ms < toMs; ms += STEP_S * 1_000) lines.push(`up{${target}} 1 ${ms / 1_000}`);
      return `${lines.join("\n")}\n# EOF\n`;
    },
    page: (atMs) => all.map(({ name, labels, at }) => `${name}{${labels}} ${at(since(atMs))}\n`).join(""),
  };
}

/** Serves the page of now on a free port of loopback. */
export async function serveTelemetry(
  telemetry: () => Telemetry,
): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((_, reply) => {
    reply.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(telemetry().page(Date.now()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    address: `127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
