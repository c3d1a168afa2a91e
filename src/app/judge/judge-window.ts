import type { JudgeInput } from "../../core/judge/judge.ts";
import type { ServiceId } from "../../core/model/cluster.ts";
import type { Geometry, MinimumEffect } from "../../core/model/policy.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { Judgement } from "../../core/model/verdict.ts";
import { readingsOf } from "../../core/observe/history.ts";
import type { JudgeRunner } from "../../ports/judge.ts";
import { callsOf } from "../observe/calls.ts";
import { gridOf, type ObserveDeps } from "../observe/observe.ts";

export interface PastWindow {
  /** When it began, ms since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Only this service, or all. */
  readonly service: ServiceId | null;
  readonly geometry: Geometry;
  readonly minimumEffect: (service: ServiceId) => MinimumEffect;
}

/** The judgement of any past window, whatever the cause; its late window lies at its end. */
export async function judgeWindow(
  deps: Pick<ObserveDeps, "metrics" | "history"> & { readonly judge: JudgeRunner },
  past: PastWindow,
  signal: AbortSignal,
): Promise<Judgement> {
  const { fromMs, toMs, service } = past;
  const geometry = fitted(past.geometry, toMs - fromMs);
  const history = await deps.history.upTo(toMs, geometry.stepMs, signal);
  const kept = history === null ? undefined : readingsOf(history);
  const observation = await deps.metrics.counts(gridOf(fromMs, toMs, geometry), signal, kept);
  const edges = await deps.metrics.edges({ fromMs: toMs - DAY_MS, toMs }, signal);
  const services = observation.services.filter((one) => service === null || one.service === service);
  const input: JudgeInput = {
    observation: { ...observation, services },
    history,
    excluded: [],
    t0Ms: fromMs,
    clearMs: toMs - geometry.lateMs - geometry.graceMs,
    geometry,
    minimumEffect: past.minimumEffect,
    calls: callsOf(edges, null),
    concerned: services.map((one) => one.service),
  };
  return deps.judge.judge(input, signal);
}

/** The windows after the beginning, shortened in proportion when `lengthMs` cannot hold them. */
function fitted(geometry: Geometry, lengthMs: number): Geometry {
  const { stepMs, earlyMs, graceMs, lateMs } = geometry;
  const share = Math.min(1, lengthMs / (earlyMs + graceMs + lateMs));
  const whole = (ms: number) => Math.max(stepMs, Math.floor((ms * share) / stepMs) * stepMs);
  return { ...geometry, earlyMs: whole(earlyMs), graceMs: share < 1 ? 0 : graceMs, lateMs: whole(lateMs) };
}
