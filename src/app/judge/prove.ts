import { cameAfter } from "../../core/experiment/newcomers.ts";
import type { Unproven } from "../../core/experiment/proof.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { MINUTE_MS } from "../../core/model/units.ts";
import { formatTime } from "../../core/text/format.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { podsBefore } from "../observe/pods-before.ts";
import type { Archive } from "../records/archive.ts";

/**
 * Proxies are scraped and pushed configuration some time after a fault was ordered or taken back.
 */
const SCRAPE_REACH_MS = MINUTE_MS;

export interface ProveDeps {
  readonly metrics: Pick<MetricsSource, "injected">;
  readonly cluster: Pick<ClusterReader, "podsOf">;
  readonly archive: Pick<Archive, "snapshot">;
}

/**
 * Why nobody can say that the fault of this experiment acted, or null. Rejects as the metrics
 * source does: what cannot be asked now is asked later.
 */
export async function whyUnproven(
  deps: ProveDeps,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<Unproven | null> {
  const { choice, injection } = state;
  if (choice === null || (injection !== "injected" && injection !== "unsure")) return null;
  const { kind } = choice.fault;
  return kind === "http-abort" || kind === "http-delay"
    ? whyNotSeen(deps, state, signal)
    : whyNotReplaced(deps, state, signal);
}

/**
 * Envoy flags each answer that it made up (`FI`) or held back (`DI`):
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
async function whyNotSeen(
  { metrics }: ProveDeps,
  { choice, t0Ms, undoneMs }: ExperimentState,
  signal: AbortSignal,
): Promise<Unproven | null> {
  if (choice === null || t0Ms === null || !("durationMs" in choice.fault)) return null;
  const toMs = (undoneMs ?? t0Ms + choice.fault.durationMs) + SCRAPE_REACH_MS;
  const { services } = choice.target;
  const seen = await metrics.injected?.(services, { fromMs: t0Ms, toMs }, signal);
  if (seen === undefined || seen > 0) return null;
  const flag = choice.fault.kind === "http-abort" ? "FI" : "DI";
  const when = `between ${formatTime(t0Ms, "UTC")} and ${formatTime(toMs, "UTC")} UTC`;
  return {
    why: `The fault was not seen: no request to ${services.join(", ")} carried Envoy's response flag ${flag} ${when}.`,
    spoils: "every",
  };
}

/**
 * Only where the wait for a replacement was given up: then nothing may have gone, or nothing was to
 * come.
 */
async function whyNotReplaced(
  { cluster, archive }: ProveDeps,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<Unproven | null> {
  const { choice, t0Ms, clearHow } = state;
  if (choice === null || t0Ms === null || clearHow !== "late") return null;
  if (choice.target.pods.length === 0) return null;
  const pods = await cluster.podsOf(choice.target.workload, signal).catch(() => null);
  if (pods === null) return null;
  const known = await podsBefore(archive, state).catch(() => null);
  const hit = new Set(choice.target.pods.map((pod) => pod.uid));
  if (pods.some((pod) => !hit.has(pod.uid) && cameAfter(pod, t0Ms, known))) return null;
  const names = choice.target.pods.map((pod) => pod.name).join(", ");
  return { why: `The fault was not seen: nothing took the place of ${names}.`, spoils: "steady" };
}
