import { hasCode } from "../../core/model/error.ts";
import type { ExperimentPlan } from "../../core/model/experiment.ts";
import type { AbortRule, Geometry, MinimumEffect, ServiceEffect } from "../../core/model/policy.ts";
import type { Slot } from "../../core/schedule/slots.ts";
import type { Only } from "../../core/targeting/narrow.ts";
import type { GateLimits } from "../preflight/facts.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import type { Book } from "../records/experiment-reader.ts";

/** What an experiment keeps from the configuration. */
export interface ExperimentSettings {
  readonly geometry: Geometry;
  readonly minimumEffect: MinimumEffect;
  readonly effects: readonly ServiceEffect[];
  readonly abort: AbortRule | null;
  readonly limits: Pick<GateLimits, "lateAfterMs">;
}

export interface PlanDeps extends RecordDeps {
  readonly book: Book;
}

/** @param only what a person asked for; absent: all that the policy allows */
export function planOf(slot: Slot, settings: ExperimentSettings, manual: boolean, only?: Only): ExperimentPlan {
  return {
    id: slot.id,
    policy: slot.policy,
    slotMs: slot.slotMs,
    lateAfterMs: settings.limits.lateAfterMs,
    seed: slot.seed,
    sham: slot.sham,
    manual,
    ...(only === undefined ? {} : { only }),
    candidates: slot.candidates,
    geometry: settings.geometry,
    minimumEffect: settings.minimumEffect,
    effects: settings.effects,
    abort: settings.abort,
  };
}

/**
 * Writes the plan of a slot into the journal, once: whoever comes second finds it there, and is
 * answered false.
 */
export async function planExperiment(deps: PlanDeps, plan: ExperimentPlan): Promise<boolean> {
  const state = await deps.book.experiment(plan.id);
  if (state.phase !== "new") return false;
  try {
    await record(deps, plan.id, state, { kind: "planned", plan });
    return true;
  } catch (cause) {
    if (!hasCode(cause, "journal-conflict")) throw cause;
    return false;
  }
}
