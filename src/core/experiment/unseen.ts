import type { CallEdge, ServiceId } from "../model/cluster.ts";
import type { ExperimentState } from "../model/experiment.ts";
import { type Observation, stepAt } from "../model/series.ts";
import type { Judgement } from "../model/verdict.ts";
import { endMs } from "./next.ts";

/**
 * The services of an injection of ours that were called before, when nobody saw one of them at the
 * end of it: no step of their late window was scraped, and there is no verdict. What was broken is
 * not known then, and missing data is no end of it. Empty for shams and natural failures.
 */
export function unseenServices(
  state: ExperimentState,
  { headline, concerned }: Pick<Judgement, "headline" | "concerned">,
  { grid, services }: Observation,
  edges: readonly Pick<CallEdge, "callee">[],
): readonly ServiceId[] {
  const { plan, clearMs, injection } = state;
  const ours = injection === "injected" || injection === "unsure";
  if (!ours || plan === null || clearMs === null || headline !== "inconclusive") return [];
  const from = Math.max(0, stepAt(grid, clearMs + plan.geometry.graceMs));
  const to = Math.min(grid.steps, stepAt(grid, endMs(state)));
  const called = new Set(edges.map((edge) => edge.callee));
  const seen = new Set(services.filter((one) => one.valid.subarray(from, to).includes(1)).map((one) => one.service));
  const own = (concerned ?? []).filter((service) => called.has(service));
  return own.some((service) => seen.has(service)) ? [] : own;
}
