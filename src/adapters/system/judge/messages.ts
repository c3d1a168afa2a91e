import type { FinalAnswer, FinalLook } from "../../../core/judge/design/final-look.ts";
import type { JudgeInput, Pages } from "../../../core/judge/judge.ts";
import type { ServiceId } from "../../../core/model/cluster.ts";
import type { MinimumEffect } from "../../../core/model/policy.ts";
import type { Judgement } from "../../../core/model/verdict.ts";

/**
 * A judgement to make, as it crosses threads: functions cannot, so minimum effects are told service
 * by service.
 */
export interface JudgeTask {
  readonly id: number;
  readonly input: Omit<JudgeInput, "minimumEffect">;
  readonly effects: ReadonlyMap<ServiceId, MinimumEffect> | MinimumEffect;
}

/** A final look to take. */
export interface LookTask {
  readonly id: number;
  readonly look: FinalLook;
}

export type Task = JudgeTask | LookTask;

/** The answer to a task; an error's message when there is none. */
export type Answer =
  | { readonly id: number; readonly judgement: Judgement }
  | { readonly id: number; readonly final: FinalAnswer }
  | { readonly id: number; readonly error: string; readonly stack: string | undefined };

/** What the thread is told, and what it says. */
export type ToThread = Task | "rest";
export type FromThread = Answer | { readonly pages: Pages };

/** History in shared memory crosses as it is, without a copy. */
export function judgeTask(id: number, { minimumEffect, ...input }: JudgeInput): JudgeTask {
  if (typeof minimumEffect !== "function") return { id, input, effects: minimumEffect };
  const effects = new Map(namedIn(input).map((service) => [service, minimumEffect(service)]));
  return { id, input, effects };
}

/** Every service that a verdict may speak of: one that was hit need not have had any traffic. */
const namedIn = ({ observation, history, quantiles = [], concerned, calls }: JudgeTask["input"]): ServiceId[] => [
  ...[...observation.services, ...(history?.services ?? []), ...quantiles].map(({ service }) => service),
  ...concerned,
  ...calls.flatMap(({ caller, callee }) => [caller, callee]),
];

/** The same; of the services only those that are looked at. */
export function lookTask(id: number, look: FinalLook): LookTask {
  const wanted = new Set([...[...look.verdicts, ...look.suspected].map(({ service }) => service), ...look.sham]);
  const services = look.history.services.filter(({ service }) => wanted.has(service));
  return { id, look: { ...look, history: { ...look.history, services } } };
}

export function inputOf({ input, effects }: JudgeTask): JudgeInput {
  if (!(effects instanceof Map)) return { ...input, minimumEffect: effects as MinimumEffect };
  const known: ReadonlyMap<ServiceId, MinimumEffect> = effects;
  return {
    ...input,
    minimumEffect(service) {
      const effect = known.get(service);
      if (effect === undefined) throw new RangeError(`nobody told the minimum effect of ${service}`);
      return effect;
    },
  };
}
