import { prometheusSource } from "../../src/adapters/prometheus/source.ts";
import { judge } from "../../src/core/judge/judge.ts";
import { AftershockError } from "../../src/core/model/error.ts";
import type { Observation, ServiceCounts } from "../../src/core/model/series.ts";
import type { Signal, VerdictKind } from "../../src/core/model/verdict.ts";
import { sourceOptions } from "../../test/integration/prometheus/mesh.ts";
import { MAY_BE_UNKNOWN } from "./may-be-unknown.ts";
import type { TwistedServer } from "./server.ts";
import { type Caller, SPAN_MS, type Transformation } from "./transform.ts";
import { BEFORE_MS, GRID, type Made, T0_MS, TRUTH, type Truth, type World } from "./world.ts";

export const SIGNALS = ["failures", "latency", "rate", "connections"] as const satisfies readonly Signal[];
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

const MINUTE_MS = 60_000;
const GEOMETRY = {
  stepMs: GRID.stepMs,
  beforeMs: BEFORE_MS,
  earlyMs: 10 * MINUTE_MS,
  graceMs: 2 * MINUTE_MS,
  lateMs: 10 * MINUTE_MS,
};
const EFFECT = { failureShare: 0.005, excessFailures: 5, latencyRatio: 1.15, rateFall: 0.2, missingRequests: 20 };
const CALLS = [
  { caller: "shop/web", callee: "shop/cart" },
  { caller: "shop/gateway", callee: "shop/web" },
  { caller: "shop/app", callee: "shop/cart" },
  { caller: "shop/cart", callee: "shop/stock" },
  { caller: "shop/cart", callee: "shop/db" },
];
const RIGHT: Readonly<Record<Truth, readonly VerdictKind[]>> = {
  steady: ["steady"],
  passing: ["transient", "slow-recovery"],
  lasting: ["persistent", "unresolved"],
};
/**
 * More or fewer than this share of the true ones, and than so many, were not each counted once.
 */
const COUNTED_ONCE = { share: 0.06, some: 12 } as const;

/** Cells of one world as one transformation shows it. */
export async function measure(
  server: TwistedServer,
  transformation: Transformation,
  world: World,
  id: string,
  made: Made,
): Promise<readonly Cell[]> {
  const { name, twist = "none", matchers = {} } = transformation;
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
    concerned: ["shop/cart", "shop/db"],
  });
  return SIGNALS.map((signal) => {
    const service = signal === "connections" ? "shop/db" : "shop/cart";
    const verdict = verdicts.find((one) => one.service === service && one.signal === signal);
    const of = { world, transformation: name, signal };
    if (verdict === undefined) return cellOf(of, "unknown", "no verdict");
    const { verdict: told } = verdict;
    if (told.kind === "inconclusive") return cellOf(of, "unknown", told.detail);
    const truth = TRUTH[world][signal] ?? "steady";
    if (!RIGHT[truth].includes(told.kind)) return cellOf(of, "wrong", `${told.kind}, and it was ${truth}`);
    const counts = observation.services.find((one) => one.service === service);
    const miscounted = counts === undefined ? "no counts" : whyMiscounted(counts, signal, made, transformation);
    return miscounted === null ? cellOf(of, "same", told.kind) : cellOf(of, "wrong", miscounted);
  });
}

function cellOf(of: Pick<Cell, "world" | "transformation" | "signal">, result: Cell["result"], why: string): Cell {
  return { ...of, result, why, allowed: MAY_BE_UNKNOWN[of.transformation]?.includes(of.signal) === true };
}

/**
 * Compares what was counted in the steps that are known, before T0 and after it, with what the
 * world sent; null when it is that.
 */
function whyMiscounted(
  counts: ServiceCounts,
  signal: Signal,
  made: Made,
  { unseenFailures = [], fewerSuccesses = false }: Transformation,
): string | null {
  if (signal === "latency" && fewerSuccesses) return null;
  for (const [counted, sent, what] of pairsOf(counts, signal, made, unseenFailures)) {
    for (const part of ["before", "after"] as const) {
      const isIn = (i: number): boolean => {
        const isKnown = signal === "latency" ? (counts.latency?.successes[i] ?? 0) > 0 : counts.valid[i] === 1;
        return isKnown && GRID.startMs + i * GRID.stepMs < T0_MS === (part === "before");
      };
      const [a, b] = [sumOf(counted, isIn), sumOf(sent, isIn)];
      if (Math.abs(a - b) > COUNTED_ONCE.share * b + COUNTED_ONCE.some) {
        return `${Math.round(a)} ${what} ${part} T0 in steps that are known, and there were ${b}`;
      }
    }
  }
  return null;
}

type Row = ArrayLike<number>;
type Pair = readonly [counted: Row, sent: Row, what: string];

function pairsOf(
  { requests, failures, latency, connections }: ServiceCounts,
  signal: Signal,
  made: Made,
  unseen: readonly Caller[],
): readonly Pair[] {
  const callers = ["web", "app"] as const;
  const total = (of: (caller: Caller, i: number) => number): Row =>
    Array.from(requests, (_, i) => callers.reduce((sum, caller) => sum + of(caller, i), 0));
  const unseenFailed = (caller: Caller, i: number): number =>
    unseen.includes(caller) ? made.requests[caller].failed[i]! : 0;
  const all = total((caller, i) => made.requests[caller].all[i]! - unseenFailed(caller, i));
  const failed = total((caller, i) => made.requests[caller].failed[i]! - unseenFailed(caller, i));
  const succeeded = total((caller, i) => made.requests[caller].all[i]! - made.requests[caller].failed[i]!);
  if (signal === "connections") {
    const { opened = [], failed: broken = [] } = connections ?? {};
    return [
      [opened, made.connections.all, "connections"],
      [broken, made.connections.failed, "failed connections"],
    ];
  }
  if (signal === "latency") return [[latency?.successes ?? [], succeeded, "successful requests"]];
  if (signal === "rate") return [[requests, all, "requests"]];
  return [
    [requests, all, "requests"],
    [failures, failed, "failures"],
  ];
}

function sumOf(row: Row, isIn: (i: number) => boolean): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) if (isIn(i)) sum += row[i]!;
  return sum;
}
