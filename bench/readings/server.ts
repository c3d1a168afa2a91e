import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { remoteWrite, type WrittenSeries } from "../../test/support/remote-write.ts";
import { type PrometheusServer, startPrometheus } from "../../test/support/servers/prometheus.ts";
import type { Twist } from "./transform.ts";

/**
 * Samples are sent in the order of their times: Prometheus takes nothing that is an hour older than
 * the newest.
 */
const SLICE_MS = 15 * 60_000;
/**
 * Raw samples over more than this, and more points than this, are too large for a server that is
 * asked to be small.
 */
const SMALL = { rangeMs: 12 * 60_000, points: 20 };

/**
 * A real Prometheus, and before it a proxy that twists its answers as the path says: `/none`,
 * `/partial` …
 */
export interface TwistedServer extends AsyncDisposable {
  url(twist: Twist): string;
}

export async function serve(series: readonly WrittenSeries[]): Promise<TwistedServer> {
  const prometheus = await startPrometheus("# EOF\n", {
    args: ["--web.enable-remote-write-receiver", "--enable-feature=native-histograms"],
  });
  await write(prometheus, series);
  const proxy = createServer((incoming, outgoing) => void answer(prometheus.url, incoming, outgoing));
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as { port: number };
  return {
    url: (twist) => `http://127.0.0.1:${port}/${twist.replaceAll(" ", "-")}`,
    [Symbol.asyncDispose]: () => close(proxy, prometheus),
  };
}

async function close(proxy: Server, prometheus: PrometheusServer): Promise<void> {
  proxy.closeAllConnections();
  proxy.close();
  await prometheus[Symbol.asyncDispose]();
}

async function write({ url }: PrometheusServer, series: readonly WrittenSeries[]): Promise<void> {
  const last = series.reduce((max, { timesMs }) => Math.max(max, timesMs[timesMs.length - 1] ?? 0), 0);
  const first = series.reduce((min, { timesMs }) => Math.min(min, timesMs[0] ?? min), last);
  const within = (atMs: number, fromMs: number): boolean => atMs >= fromMs && atMs < fromMs + SLICE_MS;
  for (let fromMs = first; fromMs <= last; fromMs += SLICE_MS) {
    const slice = series.flatMap((one): WrittenSeries[] => {
      const at = Array.from(one.timesMs, (atMs, i) => [atMs, i] as const).filter(([atMs]) => within(atMs, fromMs));
      const histograms = one.histograms?.filter(({ atMs }) => within(atMs, fromMs)) ?? [];
      if (at.length + histograms.length === 0) return [];
      const values = at.map(([, i]) => one.values[i]!);
      return [{ labels: one.labels, timesMs: at.map(([atMs]) => atMs), values, histograms }];
    });
    await remoteWrite(url, slice);
  }
}

async function answer(url: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("utf8");
  const [, twist = "", ...rest] = (incoming.url ?? "").split("/");
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  if (isRefused(twist, new URLSearchParams(body))) {
    const error = twist.endsWith("tenant") ? OF_A_TENANT : "query processing would load too many samples into memory";
    outgoing.writeHead(422, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ status: "error", errorType: "execution", error }));
    return;
  }
  const asked = twist === "whole-steps" ? atWholeSteps(body) : body;
  const response = await fetch(`${url}/${rest.join("/")}`, { method: "POST", headers, body: asked });
  outgoing.writeHead(response.status, { "content-type": "application/json" });
  outgoing.end(twisted(twist, await response.text()));
}

function isRefused(twist: string, params: URLSearchParams): boolean {
  if (twist.startsWith("too-large")) return isLarge(params);
  const query = params.get("query") ?? "";
  return twist === "too-many-services" && query.includes("[") && !query.includes("destination_service_name=~");
}

/** How Mimir says it. */
const OF_A_TENANT =
  "the query exceeded the maximum number of chunks (err-mimir-max-chunks-per-query). To adjust the related per-tenant limit, contact your service administrator.";

/** As a frontend asks that keeps answers. */
function atWholeSteps(body: string): string {
  const params = new URLSearchParams(body);
  const step = Number(params.get("step"));
  for (const end of step > 0 ? ["start", "end"] : []) {
    params.set(end, `${Math.floor(Number(params.get(end)) / step) * step}`);
  }
  return params.toString();
}

function isLarge(params: URLSearchParams): boolean {
  const ranges = [...(params.get("query") ?? "").matchAll(/\[(\d+)ms\]/g)].map(([, ms]) => Number(ms));
  const points = (Number(params.get("end")) - Number(params.get("start"))) / Number(params.get("step") ?? 1);
  return ranges.some((ms) => ms > SMALL.rangeMs) || points > SMALL.points;
}

function twisted(twist: string, text: string): string {
  if (twist === "none" || twist === "whole-steps" || twist.startsWith("too-")) return text;
  if (twist === "early-end") return text.slice(0, Math.floor(text.length / 2));
  if (twist === "escapes") return escaped(text);
  const told = JSON.parse(text) as Record<string, unknown>;
  if (twist === "blanks") return JSON.stringify(told, null, 2);
  if (twist === "partial") return JSON.stringify({ ...withoutFailures(told), isPartial: true });
  if (twist === "warning") {
    return JSON.stringify({ ...withoutFailures(told), warnings: ["No StoreAPIs matched for this query"] });
  }
  if (twist === "info") return JSON.stringify({ ...told, infos: ["PromQL info: metric might not be a counter"] });
  if (twist === "unknown-keys") return JSON.stringify(withMore(told));
  return JSON.stringify(turned(told));
}

/** Every letter of every string as `\\u0061`. */
const escaped = (text: string): string =>
  text.replace(/"([^"\\]*)"/g, (_, inner: string) => {
    const letters = inner.replace(/[a-z]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return `"${letters}"`;
  });

/** Keys that no version has yet, around what is known, in the answer and in each series. */
function withMore(told: Record<string, unknown>): Record<string, unknown> {
  const more = { result: [{ metric: { a: "b" }, values: [[1, "2"]] }], stats: { nested: [1, { "}": null }] } };
  const data = told.data as { readonly result: readonly object[] };
  const result = data.result.map((row) => ({ trace: more, ...row, exemplars: [more] }));
  return { trace: { ...more, data: null }, ...told, data: { stats: more.stats, ...data, result }, more };
}

/** What is left when the storage that has the failures does not answer. */
function withoutFailures(told: Record<string, unknown>): Record<string, unknown> {
  const data = told.data as { readonly result: readonly { readonly metric?: Record<string, string> }[] };
  const result = data.result.filter((row) => row.metric?.response_code !== "503");
  return { ...told, data: { ...data, result } };
}

/** The same with the keys of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, turned(inner)]),
  );
}
