import type { Policy } from "../../core/model/policy.ts";
import { type PolicyText, type ReadPolicy, type TeamBounds, teamPolicyName } from "../../core/model/team-policy.ts";
import type { Sighting } from "../../ports/policy-texts.ts";

/** A ConfigMap that says it is a policy and is not followed. */
export interface RefusedPolicy {
  readonly text: PolicyText;
  readonly why: string;
}

/** A policy of a team that holds, with the text that it came from. */
export interface SoundPolicy {
  readonly text: PolicyText;
  readonly policy: Policy;
}

/** What teams want, as far as it is known. */
export interface TeamPolicies {
  readonly sound: readonly SoundPolicy[];
  readonly refused: readonly RefusedPolicy[];
  /** Namespaces of which it is not known what their team wants: nothing of theirs holds. */
  readonly unread: readonly { readonly namespace: string; readonly why: string }[];
}

export const NO_TEAMS: TeamPolicies = { sound: [], refused: [], unread: [] };

/**
 * Remembers what was seen of each namespace, and says what follows from it under the bounds of now.
 */
export interface TeamBook {
  see(namespace: string, sighting: Sighting): void;
  /**
   * Nobody follows this namespace any more: what was seen of it says nothing when it is followed
   * again.
   */
  forget(namespace: string): void;
  /** What was seen is read again: the bounds have changed. */
  reread(): void;
  now(): TeamPolicies;
}

/** `bounds` null: no teams, whatever was seen. `read` never throws. */
export function teamBook(bounds: () => TeamBounds | null, read: (text: PolicyText) => ReadPolicy): TeamBook {
  const seen = new Map<string, Sighting>();
  /**
   * What the texts of now were understood as: one that changes does not make all others be read
   * again.
   */
  let answers = new Map<string, ReadPolicy>();
  let known: TeamPolicies | null = null;

  function understandAll(): TeamPolicies {
    const still = new Map<string, ReadPolicy>();
    const readOnce = (text: PolicyText): ReadPolicy => {
      const key = JSON.stringify([text.namespace, text.name, text.hash]);
      const answer = answers.get(key) ?? read(text);
      still.set(key, answer);
      return answer;
    };
    const understood = understand(seen, bounds(), readOnce);
    answers = still;
    return understood;
  }

  return {
    see(namespace, sighting) {
      seen.set(namespace, sighting);
      known = null;
    },
    forget(namespace) {
      seen.delete(namespace);
      known = null;
    },
    reread() {
      answers = new Map();
      known = null;
    },
    now() {
      known ??= understandAll();
      return known;
    },
  };
}

function understand(
  seen: ReadonlyMap<string, Sighting>,
  bounds: TeamBounds | null,
  read: (text: PolicyText) => ReadPolicy,
): TeamPolicies {
  if (bounds === null) return NO_TEAMS;
  const sound: SoundPolicy[] = [];
  const refused: RefusedPolicy[] = [];
  const unread: { namespace: string; why: string }[] = [];
  for (const namespace of bounds.namespaces) {
    const sighting = seen.get(namespace);
    if (sighting === undefined) continue;
    if ("unread" in sighting) {
      unread.push({ namespace, why: sighting.unread });
      continue;
    }
    sighting.texts.forEach((text, i) => {
      const answer = i < bounds.policies ? read(text) : tooMany(text, bounds.policies);
      if (answer.kind === "sound") sound.push({ text, policy: answer.policy });
      else refused.push({ text, why: answer.why });
    });
  }
  return { sound, refused, unread };
}

/** The oldest ones count, so that a new one takes nothing from them. */
const tooMany = ({ namespace }: PolicyText, most: number): ReadPolicy => ({
  kind: "refused",
  why: `${namespace} has ${most} older policies already, which is all that it may have`,
});

/** `shop.orders`, for messages about a text that may be no policy. */
export const nameOf = ({ namespace, name }: PolicyText): string => teamPolicyName(namespace, name);
