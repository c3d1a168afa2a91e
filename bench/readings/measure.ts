import { prometheusSource } from "../../src/adapters/prometheus/source.ts";
import { judge } from "../../src/core/judge/judge.ts";
import { AftershockError } from "../../src/core/model/error.ts";
import type { Observation } from "../../src/core/model/series.ts";
import type { Signal, SignalVerdict, VerdictKind } from "../../src/core/model/verdict.ts";
import { sourceOptions } from "../../test/integration/prometheus/mesh.ts";
import { MAY_BE_UNKNOWN } from "./may-be-unknown.ts";
import type { TwistedServer } from "./server.ts";
import { SPAN_MS, type Transformation } from "./transform.ts";
import { BEFORE_MS, type Made, T0_MS, TRUTH, type Truth, type World } from "./world.ts";

export const SIGNALS = ["failures", "latency", "rate"] as const satisfies readonly Signal[];
/** Name of the label that keeps the worlds of one Prometheus apart. */
export const CELL_LABEL = "bench_cell";

export interface Cell {
  readonly world: World;
  readonly transformation: string;
  readonly signal: Signal;
  readonly result: "same" | "unknown" | "wrong";
  readonly why: string;
  /** It is unknown, and stands on the list of those that may be. */
  readonly allowed: boolean;
}

const STEP_MS = 60_000;
const MINUTE_MS = 60_000;
const GEOMETRY = {
  stepMs: STEP_MS,
  beforeMs: BEFORE_MS,
  earlyMs: 10 * MINUTE_MS,
  graceMs: 2 * MINUTE_MS,
  lateMs: 10 * MINUTE_MS,
};
const GRID = { startMs: SPAN_MS.fromMs, stepMs: STEP_MS, steps: (SPAN_MS.toMs - SPAN_MS.fromMs) / STEP_MS };
const EFFECT = { failureShare: 0.005, excessFailures: 5, latencyRatio: 1.15, rateFall: 0.2, missingRequests: 20 };
const CALLS = [
  { caller: "shop/web", callee: "shop/cart" },
  { caller: "shop/gateway", callee: "shop/web" },
  { caller: "shop/cart", callee: "shop/stock" },
];
const RIGHT: Readonly<Record<Truth, readonly VerdictKind[]>> = {
  steady: ["steady"],
  passing: ["transient", "slow-recovery"],
  lasting: ["persistent", "unresolved"],
};
/** More or fewer requests than this share of the true ones were not each counted once. */
const COUNTED_ONCE = 0.08;

/** Cells of one world as one transformation shows it. */
export async function measure(
  server: TwistedServer,
  { name, twist = "none", matchers = {} }: Transformation,
  world: World,
  id: string,
  made: Made,
): Promise<readonly Cell[]> {
  const options = sourceOptions(server.url(twist), SPAN_MS.toMs + 60_000, {
    matchers: { ...matchers, [CELL_LABEL]: id },
    timeoutMs: 60_000,
  });
  let observation: Observation;
  try {
    observation = await prometheusSource(options).counts(GRID, new AbortController().signal);
  } catch (cause) {
    if (!(cause instanceof AftershockError)) throw cause;
    return SIGNALS.map((signal) => cellOf({ world, transformation: name, signal }, "unknown", cause.message));
  }
  const { verdicts } = judge({
    observation,
    history: null,
    excluded: [],
    t0Ms: T0_MS,
    clearMs: T0_MS + MINUTE_MS,
    geometry: GEOMETRY,
    minimumEffect: EFFECT,
    calls: CALLS,
    concerned: ["shop/cart"],
  });
  const known = knownBefore(observation);
  return SIGNALS.map((signal) => {
    const verdict = verdicts.find((one) => one.service === "shop/cart" && one.signal === signal);
    const { result, why } = resultOf(verdict, TRUTH[world][signal] ?? "steady", made.requestsBefore * known);
    return cellOf({ world, transformation: name, signal }, result, why);
  });
}

function cellOf(of: Pick<Cell, "world" | "transformation" | "signal">, result: Cell["result"], why: string): Cell {
  return { ...of, result, why, allowed: MAY_BE_UNKNOWN[of.transformation]?.includes(of.signal) === true };
}

/** Share of the steps before T0 that are known of shop/cart: only these are counted. */
function knownBefore({ services, grid }: Observation): number {
  const steps = (T0_MS - grid.startMs) / grid.stepMs;
  const valid = services.find(({ service }) => service === "shop/cart")?.valid.subarray(0, steps) ?? new Uint8Array(0);
  return valid.reduce((sum, one) => sum + one, 0) / steps;
}

/** Compared with how the world was made, never with what an untransformed one was told as. */
function resultOf(verdict: SignalVerdict | undefined, truth: Truth, requests: number): Pick<Cell, "result" | "why"> {
  if (verdict === undefined) return { result: "unknown", why: "no verdict" };
  const { kind } = verdict.verdict;
  if (verdict.verdict.kind === "inconclusive") return { result: "unknown", why: verdict.verdict.detail };
  if (!RIGHT[truth].includes(kind)) return { result: "wrong", why: `${kind}, and it was ${truth}` };
  const counted = verdict.requests.before;
  if (verdict.signal !== "latency" && Math.abs(counted / requests - 1) > COUNTED_ONCE) {
    return { result: "wrong", why: `${Math.round(counted)} requests before, and there were ${requests}` };
  }
  return { result: "same", why: kind };
}
