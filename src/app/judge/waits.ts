import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { isDegraded, type Judgement } from "../../core/model/verdict.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";

export interface WaitsDeps {
  readonly metrics: Pick<MetricsSource, "waits">;
  readonly log: Log;
}

/**
 * Adds to a judgement how long the services that got slower took: the judge looks at bounds near
 * what is usual, and does not know. One request, and only where one may have waited for another.
 */
export async function withWaits(
  deps: WaitsDeps,
  id: string,
  { plan, t0Ms }: Pick<ExperimentState, "plan" | "t0Ms">,
  judgement: Judgement,
  signal: AbortSignal,
): Promise<Judgement> {
  const slower = judgement.verdicts.filter((one) => one.signal === "latency" && isDegraded(one.verdict.kind));
  const services = slower.map(({ service }) => service).filter((one) => judgement.concerned?.includes(one));
  if (deps.metrics.waits === undefined || plan === null || t0Ms === null || services.length < 2) return judgement;
  try {
    const window = { fromMs: t0Ms, toMs: t0Ms + plan.geometry.earlyMs };
    const waited = await deps.metrics.waits(services, window, signal);
    return { ...judgement, waited, sourceRequests: judgement.sourceRequests + 1 };
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot tell how long answers took", { experiment: id, why: describeError(cause) });
    return judgement;
  }
}
