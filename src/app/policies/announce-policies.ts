import { describeError } from "../../core/model/error.ts";
import type { PolicyText } from "../../core/model/team-policy.ts";
import type { PolicyTexts } from "../../ports/policy-texts.ts";
import type { AdvanceDeps } from "../experiment/advance.ts";
import { recordPolicy } from "../records/operations.ts";
import { changesOf, recordModes } from "./change-modes.ts";
import { nameOf, type RefusedPolicy, type SoundPolicy, type TeamPolicies } from "./teams.ts";

export interface TellPoliciesDeps extends AdvanceDeps {
  readonly policyTexts: PolicyTexts;
}

/** One line of the record: what became of a policy. */
interface Change {
  readonly policy: string;
  readonly by: string;
  /** Empty when it is gone. */
  readonly hash: string;
  readonly summary: string;
}

/**
 * Says what changed in the policies of teams: in the log, in the journal, and on each ConfigMap
 * that is not followed. What the journal knows already is not written again. Rejects only with the
 * signal's reason.
 */
export async function tellPolicies(
  deps: TellPoliciesDeps,
  before: TeamPolicies,
  now: TeamPolicies,
  signal: AbortSignal,
): Promise<void> {
  for (const { text, why } of now.refused.filter((one) => isNew(one, before.refused))) {
    deps.log.warn("a team's policy is not followed", { policy: nameOf(text), why });
    await deps.policyTexts.refuse(text, why, signal);
  }
  const wasUnread = new Set(before.unread.map((one) => `${one.namespace} ${one.why}`));
  for (const { namespace, why } of now.unread.filter((one) => !wasUnread.has(`${one.namespace} ${one.why}`)))
    deps.log.warn("nothing is known of a team's policies: none of them is followed", { namespace, why });
  const written: string[] = [];
  for (const change of changes(before, now)) if (await writeDown(deps, change)) written.push(change.policy);
  const modes = changesOf(policiesOf(before), policiesOf(now));
  await recordModes(
    deps,
    modes.filter((one) => written.includes(one.policy)),
  );
}

const isNew = (one: RefusedPolicy, known: readonly RefusedPolicy[]): boolean =>
  !known.some((old) => old.text.uid === one.text.uid && old.text.hash === one.text.hash && old.why === one.why);

const policiesOf = ({ sound }: TeamPolicies) => sound.map((one) => one.policy);

function changes(before: TeamPolicies, now: TeamPolicies): readonly Change[] {
  const there = [...now.sound.map(followed), ...now.refused.map(notFollowed)];
  const names = new Set(there.map((one) => one.policy));
  const gone = [...before.sound, ...before.refused]
    .filter(({ text }) => !names.has(nameOf(text)))
    .map(({ text }) => missing(text, now));
  const old = [...before.sound.map(followed), ...before.refused.map(notFollowed)];
  const same = (a: Change, b: Change) => a.policy === b.policy && a.hash === b.hash && a.summary === b.summary;
  return [...there.filter((one) => !old.some((other) => same(one, other))), ...gone];
}

const followed = ({ text, policy }: SoundPolicy): Change => ({
  policy: policy.name,
  by: writerOf(text),
  hash: text.hash,
  summary: `mode ${policy.mode}`,
});

const notFollowed = ({ text, why }: RefusedPolicy): Change => ({
  policy: nameOf(text),
  by: writerOf(text),
  hash: text.hash,
  summary: `refused: ${why}`,
});

function missing(text: PolicyText, { unread }: TeamPolicies): Change {
  const why = unread.find((one) => one.namespace === text.namespace)?.why;
  return {
    policy: nameOf(text),
    by: `ConfigMap ${text.namespace}/${text.name}`,
    hash: "",
    summary: why === undefined ? "removed" : `not known any more: ${why}`,
  };
}

const writerOf = ({ namespace, name, writtenBy }: PolicyText): string =>
  `ConfigMap ${namespace}/${name}${writtenBy === null ? "" : ` (${writtenBy})`}`;

/** True when this process was the first to write it down. */
async function writeDown(deps: TellPoliciesDeps, change: Change): Promise<boolean> {
  deps.log.info("a team's policy changed", { ...change });
  try {
    return await recordPolicy(deps, { kind: "configured", ...change });
  } catch (cause) {
    deps.log.warn("a team's policy could not be written into the journal", {
      policy: change.policy,
      why: describeError(cause),
    });
    return false;
  }
}
