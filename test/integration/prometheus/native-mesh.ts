import type { Grid } from "../../../src/core/model/series.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { type NativeForm, writtenSeries } from "../../support/native-histograms.ts";
import { BOUNDS_MS, MeshProxy, type ProxyOptions, type Request } from "../../support/openmetrics.ts";
import { seededRandom } from "../../support/random.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { type PrometheusServer, startPrometheus } from "../../support/servers/prometheus.ts";
import type { Sent } from "./mesh.ts";

const START_MS = Date.parse("2026-03-06T09:00:00Z");
const SCRAPE_MS = 15_000;
export const GRID: Grid = { startMs: START_MS, stepMs: MINUTE_MS, steps: 30 };
const END_MS = START_MS + GRID.steps * GRID.stepMs;
const LIFE = { fromMs: START_MS - 12 * SCRAPE_MS, toMs: END_MS + SCRAPE_MS };
/** The middle of the grid, in which things change. */
export const MIDDLE_MS = START_MS + 15 * MINUTE_MS;
/** When a proxy begins anew. */
export const RESTART_MS = START_MS + Math.round(20.4 * MINUTE_MS);

/**
 * Exponential buckets of a proxy that halves its resolution twice, as it does when it has too many.
 */
export const EXPONENTIAL: NativeForm = {
  kind: "exponential",
  schemaAt: (atMs) => (atMs < MIDDLE_MS ? 3 : 1),
};
/** Istio's own buckets. */
export const CUSTOM: NativeForm = { kind: "custom", boundsMs: BOUNDS_MS };

/** The same with other buckets: powers of two alone, or some bounds that others do not have. */
const OTHER = {
  exponential: { kind: "exponential", schemaAt: () => 0 },
  custom: { kind: "custom", boundsMs: [1, 5, 20, 50, 70, 100, 1000] },
} as const satisfies Record<NativeForm["kind"], NativeForm>;

/**
 * A mesh whose durations are native histograms in one form, with what can go wrong laid once in a
 * service each.
 */
export function nativeMesh(native: NativeForm): {
  readonly proxies: readonly MeshProxy[];
  readonly sent: readonly Sent[];
} {
  const random = seededRandom(20260306);
  const proxies: MeshProxy[] = [];
  const sent: Sent[] = [];
  const proxy = (pod: string, more: Partial<ProxyOptions> = {}): MeshProxy => {
    const phaseMs = 2 + Math.floor(random() * (SCRAPE_MS - 3));
    const one = new MeshProxy({ instance: `${pod}:15020`, pod, life: LIFE, scrapeMs: SCRAPE_MS, phaseMs, ...more });
    proxies.push(one);
    return one;
  };
  const traffic = (from: MeshProxy, to: string, more: Partial<Request> = {}, window = LIFE): void => {
    for (let atMs = window.fromMs; ; ) {
      atMs += 1 + Math.floor(-Math.log(1 - random()) * 1_500);
      if (atMs >= window.toMs) return;
      const slower = atMs >= MIDDLE_MS ? 4 : 1;
      const request = { to, atMs, tookMs: Math.ceil(slower * (8 + 120 * random() ** 3)), ...more };
      from.request(request);
      sent.push({ proxy: from, request });
    }
  };
  for (const pod of ["front-1", "front-2"]) {
    const front = proxy(pod, { native });
    traffic(front, "shop/cart");
    traffic(front, "shop/cart", { code: 503, flags: "UH", tookMs: 2 }, { fromMs: MIDDLE_MS, toMs: END_MS });
  }
  traffic(proxy("restarting-1", { native, resetsMs: [RESTART_MS] }), "shop/stock");
  traffic(proxy("both-1", { native: { ...native, besideClassic: true } }), "shop/both");
  traffic(proxy("classic-1"), "shop/classic");
  for (const [pod, form] of Object.entries({ "like-1": native, "odd-1": OTHER[native.kind] })) {
    traffic(proxy(pod, { native: form }), "shop/mixed");
  }
  // Half of the callers of this one were moved to native histograms alone.
  traffic(proxy("moved-1", { native }), "shop/moving");
  traffic(proxy("moving-1", { native: { ...native, besideClassic: true } }), "shop/moving");
  // These were moved in the middle of the window.
  traffic(proxy("before-1", { life: { ...LIFE, toMs: MIDDLE_MS } }), "shop/moved", {}, { ...LIFE, toMs: MIDDLE_MS });
  const after = { ...LIFE, fromMs: MIDDLE_MS };
  traffic(proxy("after-1", { native, life: after }), "shop/moved", {}, after);
  return { proxies, sent };
}

/** A real Prometheus that was sent what these proxies exposed. */
export async function startWith(proxies: readonly MeshProxy[]): Promise<PrometheusServer> {
  const seed = `# TYPE nothing gauge\nnothing 1 ${(LIFE.fromMs - 24 * 60 * MINUTE_MS) / 1000}\n# EOF\n`;
  const args = ["--web.enable-remote-write-receiver", "--enable-feature=native-histograms"];
  const server = await startPrometheus(seed, { args });
  for (const proxy of proxies) await remoteWrite(server.url, writtenSeries(proxy.samples(), proxy.native));
  return server;
}
