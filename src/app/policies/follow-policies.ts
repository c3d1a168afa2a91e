import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { isTeamPolicy, type TeamBounds } from "../../core/model/team-policy.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Sighting } from "../../ports/policy-texts.ts";
import { standDown } from "../experiment/stand-down.ts";
import { type TellPoliciesDeps, tellPolicies } from "./announce-policies.ts";
import { standDownDisarmed } from "./change-modes.ts";
import { NO_TEAMS, type TeamBook, type TeamPolicies } from "./teams.ts";

/** Whether the configuration has other bounds or namespaces is looked at this often. */
const LOOK_EVERY_MS = 10 * SECOND_MS;

export interface FollowPoliciesDeps extends TellPoliciesDeps {
  /** `settings()` takes the policies of teams from here. */
  readonly teams: TeamBook;
}

/**
 * Follows the policies that teams keep in their own namespaces until `signal` aborts. What stands
 * of one that is removed, lowered or broken is stopped and undone; its last good version does not
 * stay, for nobody knows whether the team still wants it. `changed` is called after each change.
 * Never rejects.
 */
export async function followPolicies(
  deps: FollowPoliciesDeps,
  changed: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let following: {
    readonly names: readonly string[];
    readonly stop: AbortController;
    readonly ended: Promise<void>;
  } | null = null;
  let told = NO_TEAMS;
  let turn = Promise.resolve();
  const undoing = new Set<Promise<void>>();

  const undo = (task: Promise<void>): void => {
    const guarded = task
      .catch((cause: unknown) => deps.log.error("a policy was not stood down", { why: describeError(cause) }))
      .finally(() => undoing.delete(guarded));
    undoing.add(guarded);
  };

  const tell = async (): Promise<void> => {
    const now = deps.teams.now();
    if (now === told) return;
    const before = told;
    told = now;
    await tellPolicies(deps, before, now, signal);
    await changed();
  };
  const soon = (): void => {
    turn = turn.then(tell).catch((cause: unknown) => {
      if (!signal.aborted) deps.log.warn("a change of a team's policies was not told", { why: describeError(cause) });
    });
  };
  /** Holds at once; what it ends is undone beside everything else, however long that takes. */
  const seen = (namespace: string, sighting: Sighting): void => {
    const before = deps.settings().policies;
    deps.teams.see(namespace, sighting);
    undo(standDownDisarmed(deps, before, deps.settings().policies, `the team of ${namespace}`, signal));
    soon();
  };
  /** What was disarmed while nobody was here. */
  const standDownLost = async (): Promise<void> => {
    if (deps.settings().teams == null) return;
    const armed = (name: string) => deps.settings().policies.some((one) => one.name === name && one.mode === "inject");
    const lost = ({ plan }: ExperimentState) => plan !== null && isTeamPolicy(plan.policy) && !armed(plan.policy);
    await standDown(deps, lost, { why: "its policy may no longer inject", by: "the team" }, signal);
  };
  undo(standDownLost());
  while (!signal.aborted) {
    const namespaces = deps.settings().teams?.namespaces ?? [];
    if ((following?.names ?? []).join() !== namespaces.join()) {
      following?.stop.abort();
      for (const name of following?.names ?? []) if (!namespaces.includes(name)) deps.teams.forget(name);
      const stop = new AbortController();
      const ended = deps.policyTexts.follow(namespaces, seen, AbortSignal.any([signal, stop.signal]));
      following = { names: namespaces, stop, ended };
    }
    soon();
    await deps.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  await following?.ended;
  await turn;
  await Promise.all(undoing);
}

/** Reads the policies of all teams once: for commands that end soon. */
export async function readPolicies(
  { policyTexts, teams }: Pick<FollowPoliciesDeps, "policyTexts" | "teams">,
  bounds: TeamBounds | null,
  signal: AbortSignal,
): Promise<TeamPolicies> {
  await Promise.all(
    (bounds?.namespaces ?? []).map(async (namespace) =>
      teams.see(namespace, await policyTexts.look(namespace, signal)),
    ),
  );
  return teams.now();
}
