import { hasOpenDamage } from "../../core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";

/** Experiments and shams after which the story has been told. */
const WANTED = { injected: 4, shams: 1 } as const;

export interface DirectorOptions {
  /** What a person would do: restart the application that does not come back by itself. */
  cure(): Promise<void>;
  say(line: string): void;
}

/** Follows the worker like a person at a desk: sees damage, sees the next slot refused, cures it, and knows when the story is over. */
export interface Director {
  heard(event: ExperimentEvent, state: ExperimentState): void;
  readonly done: Promise<void>;
}

export function director({ cure, say }: DirectorOptions): Director {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let injected = 0;
  let shams = 0;
  let damaged = false;
  let cured = false;

  function over(): void {
    if (injected >= WANTED.injected && shams >= WANTED.shams && !damaged) resolve();
  }

  function applyCure(): void {
    cured = true;
    say("kubectl rollout restart deployment go-app --namespace go-app");
    cure().catch(reject);
  }

  return {
    done,
    heard(event, state) {
      switch (event.kind) {
        case "judged":
          if (state.plan?.sham) shams += 1;
          else injected += 1;
          break;
        case "notified":
          damaged ||= hasOpenDamage(state);
          over();
          break;
        case "refused":
          if (damaged && !cured && event.gate === "open-damage") applyCure();
          break;
        case "recovery-notified":
          damaged = false;
          cured = false;
          over();
          break;
        default:
          break;
      }
    },
  };
}
