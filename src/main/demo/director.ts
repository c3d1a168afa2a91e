import { hasOpenDamage } from "../../core/experiment/life.ts";
import { AftershockError } from "../../core/model/error.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import { HOUR_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";

/** Experiments and shams after which the story has been told. */
const WANTED = { injected: 4, shams: 1 } as const;

/**
 * A story that has not been told after this long never will be: the machine is too slow for the
 * clock.
 */
const PATIENCE_MS = 14 * HOUR_MS;

export interface DirectorOptions {
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** What a person would do: restart the application that does not come back by itself. */
  cure(): Promise<void>;
  say(line: string): void;
}

/**
 * Slots in a row that were refused, not for damage that a person can cure: the rest will be, too.
 */
const MOST_REFUSALS = 6;

const tooSlow = () =>
  new AftershockError(
    "usage",
    "this machine is too slow for a clock that runs so fast: slots passed before they could be used",
    {
      hint: "try again with a slower one, e.g. --speed 60",
    },
  );

const refusedAlways = (gate: string, why: string) =>
  new AftershockError(
    "usage",
    `the demo cannot go on: ${MOST_REFUSALS} slots in a row were refused by the gate "${gate}": ${why}`,
    {
      hint: "nothing of yours is the cause; please report this message",
    },
  );

/**
 * Follows the worker like a person at a desk: sees damage, sees the next slot refused, cures it,
 * and knows when the story is over.
 */
export interface Director {
  heard(event: ExperimentEvent, state: ExperimentState): void;
  readonly done: Promise<void>;
}

export function director({ clock, signal, cure, say }: DirectorOptions): Director {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  clock.sleep(PATIENCE_MS, signal).then(
    () => reject(tooSlow()),
    () => undefined,
  );
  /** Experiments that are observed: none of them is cut off by the end of the story. */
  const running = new Set<string>();
  let injected = 0;
  let shams = 0;
  let damaged = false;
  let cured = false;
  let refusals = 0;

  function over(): void {
    if (injected >= WANTED.injected && shams >= WANTED.shams && !damaged && running.size === 0) resolve();
  }

  function refused(gate: string, why: string): void {
    refusals += 1;
    if (refusals >= MOST_REFUSALS) reject(gate === "lateness" ? tooSlow() : refusedAlways(gate, why));
  }

  function applyCure(): void {
    cured = true;
    say("kubectl rollout restart deployment go-app --namespace go-app");
    cure().catch(reject);
  }

  return {
    done,
    heard(event, state) {
      const id = state.plan?.id ?? "";
      switch (event.kind) {
        case "injected":
        case "injected-unsure":
        case "pretended":
        case "happened":
          running.add(id);
          break;
        case "judged":
          refusals = 0;
          if (state.plan?.sham) shams += 1;
          else injected += 1;
          break;
        case "notified":
          running.delete(id);
          damaged ||= hasOpenDamage(state);
          over();
          break;
        case "refused":
          if (event.gate !== "open-damage") refused(event.gate, event.why);
          else if (damaged && !cured) applyCure();
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
