import { lowerMode } from "../../core/model/policy.ts";
import {
  POLICY_ENTRY,
  POLICY_MAX_CHARS,
  type PolicyText,
  type ReadPolicy,
  type TeamBounds,
  teamPolicyName,
} from "../../core/model/team-policy.ts";
import { explain, problemsOf } from "../problems/explain.ts";
import { formatProblem, type Problem } from "../problems/problem.ts";
import { readYaml } from "../problems/yaml.ts";
import { TEAM_POLICY, type TeamPolicyFile } from "../schema/policy-schema.ts";
import { scheduleProblems } from "./cross-checks.ts";
import { toFaults, toSchedule } from "./policy.ts";
import { boundedLimits, boundProblems } from "./team-bounds.ts";

/** The rest of a long list is not told: whoever mends the first ones sees the others. */
const MAX_TOLD = 8;
/**
 * So that an event can hold it: a key of the text, which is in the message, may be as long as the
 * text.
 */
const MAX_WHY_CHARS = 900;

/**
 * Reads a policy that a team keeps in its own namespace, by the bounds of the service. Whatever the
 * text holds, the answer is a policy that stays within them, or every reason why there is none;
 * nothing is thrown.
 */
export function readTeamPolicy(text: PolicyText, bounds: TeamBounds, timezone: string): ReadPolicy {
  const problems = entryProblems(text);
  if (problems.length > 0 || text.text === null) return refused(problems);
  try {
    return understood(text, text.text, bounds, timezone);
  } catch (cause) {
    // whatever a parser trips over, brackets nested ten thousand deep say
    return refused([problem(`it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)]);
  }
}

const problem = (message: string): Problem => ({ path: [], line: null, message });

function refused(problems: readonly Problem[]): ReadPolicy {
  const told = problems.slice(0, MAX_TOLD).map(formatProblem);
  const rest = problems.length - told.length;
  const why = [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
  return { kind: "refused", why: why.length <= MAX_WHY_CHARS ? why : `${why.slice(0, MAX_WHY_CHARS)}…` };
}

/** What is wrong with the ConfigMap around the policy. */
function entryProblems({ entries, text, chars }: PolicyText): Problem[] {
  const strangers = entries.filter((key) => key !== POLICY_ENTRY).map((key) => JSON.stringify(key));
  if (!entries.includes(POLICY_ENTRY)) return [problem(`expected an entry "${POLICY_ENTRY}" with the policy`)];
  if (strangers.length > 0) return [problem(`unknown entry ${strangers.join(", ")}; known here: ${POLICY_ENTRY}`)];
  return text === null
    ? [problem(`${POLICY_ENTRY} has ${chars} characters; at most ${POLICY_MAX_CHARS} are read`)]
    : [];
}

function understood(text: PolicyText, written: string, bounds: TeamBounds, timezone: string): ReadPolicy {
  const yaml = readYaml(written, "`schedule` and `faults`");
  const problems: Problem[] = [...yaml.problems];
  if (yaml.data === undefined) return refused(problems);
  const at = ({ path, message }: Pick<Problem, "path" | "message">) =>
    problems.push({ path, line: yaml.lineOf(path), message });

  scheduleProblems(yaml.data, []).forEach(at);
  const parsed = TEAM_POLICY.safeParse(yaml.data, { error: explain });
  if (!parsed.success) return refused([...problems, ...problemsOf(parsed.error, yaml)]);
  nameProblems(parsed.data, text.name).forEach(at);
  boundProblems(parsed.data, text.namespace, bounds).forEach(at);
  return problems.length > 0
    ? refused(problems)
    : { kind: "sound", policy: toPolicy(parsed.data, text, bounds, timezone) };
}

/** Two ConfigMaps of a namespace never have one name, so no two policies have. */
function nameProblems({ name }: TeamPolicyFile, own: string): Pick<Problem, "path" | "message">[] {
  if (name !== undefined && name !== own)
    return [
      { path: ["name"], message: `"${name}" is not the ConfigMap's name, "${own}"; write that, or leave it out` },
    ];
  if (TEAM_POLICY.shape.name.safeParse(own).success) return [];
  return [{ path: [], message: `the ConfigMap's name is the policy's: expected letters, digits and -, at most 40` }];
}

const toPolicy = (file: TeamPolicyFile, text: PolicyText, bounds: TeamBounds, timezone: string) => ({
  name: teamPolicyName(text.namespace, text.name),
  mode: lowerMode(bounds.mode, file.mode ?? bounds.mode),
  schedule: toSchedule(file.schedule, timezone),
  target: {
    namespaces: [text.namespace],
    kinds: file.target.kinds,
    labels: file.target.labels ?? [],
    excludeLabels: file.target.exclude.labels ?? [],
    names: file.target.names,
  },
  faults: toFaults(file.faults),
  limits: boundedLimits(file.limits, bounds.limits),
});
