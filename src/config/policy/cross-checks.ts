import type { Path } from "../problems/problem.ts";
import { parseDuration } from "../values/duration.ts";

export interface CrossProblem {
  readonly path: Path;
  readonly message: string;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listAt = (value: unknown, key: string): readonly unknown[] => {
  const list = isMap(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
};

/**
 * What no single field can see. Looks at the file as it is, so that it speaks even when fields are
 * wrong.
 */
export function crossChecks(data: unknown): CrossProblem[] {
  return [
    ...noPolicies(data),
    ...duplicateNames(listAt(data, "policies")),
    ...listAt(data, "policies").flatMap((policy, i) => scheduleProblems(policy, ["policies", i])),
    ...listAt(isMap(data) ? data.calendar : null, "freeze").flatMap(freezeProblems),
    ...retentionProblems(data),
    ...withoutNodesProblems(data),
  ];
}

/** What is left out is said where somebody asks for it. */
function withoutNodesProblems(data: unknown): CrossProblem[] {
  const kubernetes = isMap(data) ? data.kubernetes : undefined;
  if (!isMap(kubernetes) || kubernetes.nodes !== "leave-out") return [];
  return listAt(data, "policies").flatMap((policy, i) =>
    listAt(policy, "faults").flatMap((fault, j) =>
      isMap(fault) && (fault.kind === "node-drain" || fault.kind === "zone-outage")
        ? [
            {
              path: ["policies", i, "faults", j],
              message: `${fault.kind} needs nodes, and kubernetes.nodes leaves them out; write nodes: read`,
            },
          ]
        : [],
    ),
  );
}

/** Nothing to do is a mistake, unless teams bring what is to be done. */
function noPolicies(data: unknown): CrossProblem[] {
  if (!isMap(data) || !Array.isArray(data.policies) || data.policies.length > 0 || data.teams !== undefined) return [];
  return [{ path: ["policies"], message: "expected at least 1 item, or teams that have their own" }];
}

function duplicateNames(policies: readonly unknown[]): CrossProblem[] {
  const names = policies.map((policy) => (isMap(policy) ? policy.name : undefined));
  return names.flatMap((name, i) => {
    const first = names.indexOf(name);
    if (typeof name !== "string" || first === i) return [];
    return [{ path: ["policies", i, "name"], message: `"${name}" is the name of policies[${first}] already` }];
  });
}

/**
 * What is wrong with how the schedule of one policy fits together; `at` is where that policy
 * stands.
 */
export function scheduleProblems(policy: unknown, at: Path): CrossProblem[] {
  const schedule = isMap(policy) ? policy.schedule : undefined;
  if (!isMap(schedule)) return [];
  const path = [...at, "schedule"];
  const has = (key: string): boolean => schedule[key] !== undefined;
  if (has("windows") && has("cron")) return [{ path, message: "expected windows or cron, not both" }];
  if (!has("windows") && !has("cron"))
    return [{ path, message: 'expected windows, as ["mon-fri 09:00-17:00"], or cron' }];
  const stray = has("cron") ? "perDay" : "jitter";
  if (!has(stray)) return [];
  return [
    {
      path: [...path, stray],
      message: has("cron")
        ? "belongs to windows; cron says how often by itself"
        : "belongs to cron; windows are random by themselves",
    },
  ];
}

function freezeProblems(freeze: unknown, i: number): CrossProblem[] {
  if (!isMap(freeze)) return [];
  const { from, to } = freeze;
  if (typeof from !== "string" || typeof to !== "string" || to >= from) return [];
  return [{ path: ["calendar", "freeze", i], message: `ends (${to}) before it begins (${from})` }];
}

/** What belongs to an experiment cannot outlive it. */
function retentionProblems(data: unknown): CrossProblem[] {
  const storage = isMap(data) ? data.storage : undefined;
  const retention = isMap(storage) ? storage.retention : undefined;
  if (!isMap(retention)) return [];
  const lengthOf = (key: string) => (typeof retention[key] === "string" ? parseDuration(retention[key]) : null);
  const journalMs = lengthOf("journal");
  return ["seen", "details"].flatMap((key) => {
    const lengthMs = lengthOf(key);
    if (journalMs === null || lengthMs === null || lengthMs <= journalMs) return [];
    return [
      { path: ["storage", "retention", key], message: `is longer than the journal is kept (${retention.journal})` },
    ];
  });
}
