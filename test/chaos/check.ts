import { isDeepStrictEqual } from "node:util";
import { UNASKED } from "../../src/app/inject/settle-intent.ts";
import { ENDED, mustBeUndone, replay } from "../../src/core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../src/core/model/experiment.ts";
import type { Change } from "./fake-cluster.ts";
import type { Found } from "./protocol.ts";
import type { Broken } from "./tally.ts";

/** What is known of an experiment besides its journal. */
export interface Evidence {
  /** As the process that went on with it read it. */
  readonly found: Found | undefined;
  /** The journal acknowledged the plan. */
  readonly acknowledged: boolean;
  /** Requests that changed the cluster meanwhile. */
  readonly changes: readonly Change[];
  /** Faults of ours that still stand in the cluster. */
  readonly standing: readonly string[];
}

/** What became of an experiment, in a word, and every promise that was broken. */
export interface Verdict {
  readonly ended: string;
  readonly broken: readonly { readonly broken: Broken; readonly what: string }[];
}

/** What must be true of an experiment that was left by one worker and gone on with by another. */
export function check({ found, acknowledged, changes, standing }: Evidence): Verdict {
  const events = (found?.entries ?? []).map((entry) => entry.event as ExperimentEvent);
  const state = replay(events);
  const ended = state.refusal === null ? state.injection : `${state.refusal.gate}: ${state.refusal.why}`;
  const broken: { broken: Broken; what: string }[] = [];
  const say = (what: Broken, why: string): void => void broken.push({ broken: what, what: why });

  const folded = found?.state as ExperimentState | undefined;
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(state)), folded)) say("unresolved", "it replays to another state");
  if (acknowledged && !ENDED.includes(state.phase)) say("lost_experiments", `it is still ${state.phase}`);
  if (state.phase === "intended") say("unresolved", "its intent has no outcome");
  if (ENDED.includes(state.phase) && mustBeUndone(state)) say("left_behind", "the journal knows of no undoing");
  if (standing.length > 0) say("left_behind", standing.join(", "));
  for (const why of doubles(state, changes)) say("double_injections", why);

  const applied = changes.filter((change) => change.injects && change.applied);
  const says = state.injection === "injected" || state.injection === "unsure";
  // A cordon or a route that meets a refusal later in the same call is taken back within it.
  const hit = applied.some(({ request }) => request.resource === "pods") || (applied.length > 0 && says);
  // The answer to a copy of an order that was carried out is that of a pod that vanished by itself:
  // nobody can tell them apart.
  const blurred = changes.some((change) => change.copy) && /already gone/.test(state.refusal?.why ?? "");
  // A cluster that answered nobody for ten minutes: then the journal says that nobody knows,
  // whatever happened.
  const unasked = events.some((event) => event.kind === "injected-unsure" && event.why === UNASKED);
  if (hit !== says && !blurred && !unasked)
    say("unresolved", `it says ${state.injection}, and ${applied.length} changes were made`);
  return { ended, broken };
}

/** Orders of more than one worker, of one thing twice, or of what was not chosen. */
function* doubles({ choice }: ExperimentState, changes: readonly Change[]): Generator<string> {
  const mine = changes.filter((change) => change.injects);
  const applied = mine.filter((change) => change.applied);
  const workers = new Set(mine.map((change) => change.by));
  if (workers.size > 1) yield `workers ${[...workers].join(", ")} gave orders`;
  // A copy of the same request can only meet the same incarnation, which is going already.
  const orders = applied.filter((change) => !change.copy);
  const twice = orders.find((change, i) => orders.findIndex((other) => other.object === change.object) < i);
  if (twice !== undefined) yield `${twice.object} was hit twice`;
  const pods = new Set(choice?.target.pods.map((pod) => pod.uid));
  const stranger = applied.find(
    ({ request, object }) => request.resource === "pods" && !pods.has(object.split(" ").at(-1) ?? ""),
  );
  if (stranger !== undefined) yield `${stranger.object} was not the target`;
}
