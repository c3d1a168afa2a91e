import { describeError } from "../../core/model/error.ts";
import type { Mode, Policy } from "../../core/model/policy.ts";
import type { AdvanceDeps } from "../experiment/advance.ts";
import { standDown } from "../experiment/stand-down.ts";
import { recordOperation } from "../records/operations.ts";

/**
 * What a changed configuration means for what runs: every policy whose mode changed is written
 * down, and active faults of those that may no longer inject is stopped and undone. A policy that
 * is gone may not inject either. Never rejects.
 */
export async function changeModes(
  deps: AdvanceDeps,
  before: readonly Policy[],
  after: readonly Policy[],
  by: string,
  signal: AbortSignal,
): Promise<void> {
  const undoing = standDownDisarmed(deps, before, after, by, signal);
  await recordModes(deps, changesOf(before, after));
  await undoing;
}

/**
 * Stops and undoes active faults of policies that might inject before and may not any more. Never
 * rejects.
 */
export async function standDownDisarmed(
  deps: AdvanceDeps,
  before: readonly Policy[],
  after: readonly Policy[],
  by: string,
  signal: AbortSignal,
): Promise<void> {
  const changes = changesOf(before, after);
  const disarmed = changes.filter((one) => one.from === "inject").map((one) => one.policy);
  if (disarmed.length === 0) return;
  const why = { why: `policy ${disarmed.join(", ")} may no longer inject`, by };
  await standDown(deps, ({ plan }) => plan !== null && disarmed.includes(plan.policy), why, signal);
}

/** Writes down which policies have another mode now. Never rejects. */
export async function recordModes(deps: AdvanceDeps, changes: readonly ModeChange[]): Promise<void> {
  for (const { policy, to } of changes) {
    await recordOperation(deps, { kind: "armed", policy, mode: to ?? "removed" }).catch((cause: unknown) =>
      deps.log.warn("a change of mode could not be written into the journal", { policy, why: describeError(cause) }),
    );
  }
}

export interface ModeChange {
  readonly policy: string;
  /** Null: there was no such policy. */
  readonly from: Mode | null;
  /** Null: there is none any more. */
  readonly to: Mode | null;
}

/** Policies whose mode changed; a new one counts when it may inject. */
export function changesOf(before: readonly Policy[], after: readonly Policy[]): readonly ModeChange[] {
  const names = [...new Set([...before, ...after].map((policy) => policy.name))];
  return names
    .map((policy) => ({ policy, from: modeOf(before, policy), to: modeOf(after, policy) }))
    .filter(({ from, to }) => from !== to && (from !== null || to === "inject"));
}

const modeOf = (policies: readonly Policy[], name: string): Mode | null =>
  policies.find((policy) => policy.name === name)?.mode ?? null;
