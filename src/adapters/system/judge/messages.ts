import type { JudgeInput, Pages } from "../../../core/judge/judge.ts";
import type { ServiceId } from "../../../core/model/cluster.ts";
import type { MinimumEffect } from "../../../core/model/policy.ts";
import type { Judgement } from "../../../core/model/verdict.ts";

/** A judgement to make, as it crosses threads: functions cannot, so minimum effects are told service by service. */
export interface Task {
  readonly id: number;
  readonly input: Omit<JudgeInput, "minimumEffect">;
  readonly effects: ReadonlyMap<ServiceId, MinimumEffect> | MinimumEffect;
}

/** Its answer; an error's message when it could not be made. */
export type Answer =
  | { readonly id: number; readonly judgement: Judgement }
  | { readonly id: number; readonly error: string; readonly stack: string | undefined };

/** What the thread is told, and what it says. */
export type ToThread = Task | "rest";
export type FromThread = Answer | { readonly pages: Pages };

/** History in shared memory crosses as it is, without a copy. */
export function taskOf(id: number, { minimumEffect, ...input }: JudgeInput): Task {
  if (typeof minimumEffect !== "function") return { id, input, effects: minimumEffect };
  const services = [...input.observation.services, ...(input.quantiles ?? [])].map(({ service }) => service);
  return { id, input, effects: new Map(services.map((service) => [service, minimumEffect(service)])) };
}

export function inputOf({ input, effects }: Task): JudgeInput {
  if (!(effects instanceof Map)) return { ...input, minimumEffect: effects as MinimumEffect };
  const known: ReadonlyMap<ServiceId, MinimumEffect> = effects;
  return {
    ...input,
    minimumEffect(service) {
      const effect = known.get(service);
      if (effect === undefined) throw new RangeError(`${service} was not among the observed services`);
      return effect;
    },
  };
}
