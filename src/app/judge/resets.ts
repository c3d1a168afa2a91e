import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { Observation } from "../../core/model/series.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Judgement, SignalVerdict } from "../../core/model/verdict.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { Archive } from "../records/archive.ts";

export interface ResetsDeps {
  readonly metrics: Pick<MetricsSource, "resets">;
  readonly archive: Pick<Archive, "snapshot">;
  readonly log: Log;
}

/** A pod with a longer grace than this ends when it likes: that is no moment any more. */
const LONGEST_GRACE_SECONDS = 60;
/** What happened until the end of the grace is counted by the second scrape after it. */
const SCRAPES_MS = 30 * SECOND_MS;
/** Fewer failures beyond what was expected are no burst: nothing is asked then. */
const FEWEST = 10;

/** Ends of single pods that were asked to go: those of a drain are spread over its time. */
const ONE_BY_ONE: readonly string[] = ["pod-delete", "pod-evict", "deleted", "evicted", "preempted"];

/**
 * Adds to a judgement how many requests to the services of a pod that was asked to go broke off in
 * the seconds in which it ended, and how many at all other times that were observed. One request,
 * and only where those services failed a burst and were well again.
 */
export async function withResets(
  deps: ResetsDeps,
  id: string,
  { plan, choice, t0Ms }: Pick<ExperimentState, "plan" | "choice" | "t0Ms">,
  { judgement, observation }: { readonly judgement: Judgement; readonly observation: Observation },
  signal: AbortSignal,
): Promise<Judgement> {
  const { resets } = deps.metrics;
  if (resets === undefined || plan === null || choice === null || t0Ms === null) return judgement;
  const { target, fault } = choice;
  const services = target.services.filter((service) => judgement.verdicts.some((one) => isBurst(one, service)));
  if (services.length === 0 || !ONE_BY_ONE.includes(plan.natural?.what ?? fault.kind)) return judgement;
  try {
    const before = await deps.archive.snapshot(id, "before");
    const { kind, namespace, name } = target.workload;
    const graceSeconds = before?.workloads.find(
      (one) => one.kind === kind && one.namespace === namespace && one.name === name,
    )?.design?.graceSeconds;
    if (graceSeconds === undefined || graceSeconds > LONGEST_GRACE_SECONDS) return judgement;
    const window = { fromMs: t0Ms, toMs: t0Ms + graceSeconds * SECOND_MS + SCRAPES_MS };
    const counted = await resets.count(services, window, signal);
    const found = counted.flatMap(({ service, reporter, count }) => {
      // all the time that was observed, as the same proxies report it
      const seen = observation.services.find((one) => one.service === service && one.reporter === reporter);
      if (seen === undefined) return [];
      const inAll = resets.flags.reduce((sum, flag) => sum + (seen.flags[flag] ?? 0), 0);
      return [{ service, ending: count, otherwise: Math.max(0, inAll - count) }];
    });
    return {
      ...judgement,
      resets: found,
      sourceRequests: judgement.sourceRequests + 1,
    };
  } catch (cause) {
    signal.throwIfAborted();
    deps.log.warn("cannot tell which requests broke off", { experiment: id, why: describeError(cause) });
    return judgement;
  }
}

const isBurst = ({ service, signal, verdict, effect }: SignalVerdict, of: string): boolean =>
  service === of &&
  signal === "failures" &&
  (verdict.kind === "transient" || verdict.kind === "slow-recovery") &&
  (effect?.excess ?? 0) >= FEWEST;
