import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { Judgement } from "../../core/model/verdict.ts";
import { retriesSeen, retriesTold } from "../../core/observe/attempts.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { servicesBehind } from "../observe/calls.ts";
import type { Archive } from "../records/archive.ts";

export interface RetriesDeps {
  readonly metrics: Pick<MetricsSource, "attempts">;
  readonly archive: Pick<Archive, "snapshot">;
  readonly log: Log;
}

/**
 * Adds to a judgement what callers that try again did: in their own eyes hardly anything failed.
 * Two requests; what cannot be read is left out, no verdict rests on it.
 */
export async function withRetries(
  deps: RetriesDeps,
  id: string,
  state: ExperimentState,
  judgement: Judgement,
  signal: AbortSignal,
): Promise<Judgement> {
  const { plan, t0Ms } = state;
  const services = judgement.concerned ?? [];
  const { attempts } = deps.metrics;
  if (attempts === undefined || plan === null || t0Ms === null || services.length === 0) return judgement;
  const { beforeMs, earlyMs } = plan.geometry;
  try {
    const [before, after] = await Promise.all([
      attempts(services, { fromMs: t0Ms - beforeMs, toMs: t0Ms }, signal),
      attempts(services, { fromMs: t0Ms, toMs: t0Ms + earlyMs }, signal),
    ]);
    const retried = retriesSeen(before, after, servicesBehind(await deps.archive.snapshot(id, "before")));
    return {
      ...judgement,
      ...(retried.length > 0 && { retried }),
      notes: [...judgement.notes, ...retried.map(retriesTold)],
      sourceRequests: judgement.sourceRequests + 2,
    };
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot tell who tried again", { experiment: id, why: describeError(cause) });
    return judgement;
  }
}
