import type { Limits, MaxUnavailable, Policy } from "../../core/model/policy.ts";
import type { TeamBounds } from "../../core/model/team-policy.ts";
import { DAY_MS } from "../../core/model/units.ts";
import { nextCronRunMs } from "../../core/schedule/slots.ts";
import type { TeamPolicyFile } from "../schema/policy-schema.ts";
import { formatDuration } from "../values/duration.ts";
import type { CrossProblem } from "./cross-checks.ts";
import { toMaxUnavailable } from "./policy.ts";

/**
 * Any midnight does to count how often a line runs: minutes and hours of a cron line are the same
 * on all of its days.
 */
const SOME_MIDNIGHT_MS = Date.UTC(2024, 0, 1);

/**
 * Where a policy asks for more than its team may do. Its mode is not among it: a mode is lowered,
 * never refused.
 */
export function boundProblems(file: TeamPolicyFile, namespace: string, bounds: TeamBounds): CrossProblem[] {
  return [
    ...whyNotNamespaces(file.target.namespaces, namespace),
    ...file.faults.flatMap((fault, i) => whyNotFault(fault, i, bounds)),
    ...tooOften(file.schedule, bounds.experimentsPerDay),
    ...looserLimits(file.limits, bounds.limits),
  ];
}

function whyNotNamespaces(wanted: readonly string[] | undefined, namespace: string): CrossProblem[] {
  return (wanted ?? []).flatMap((name, i) =>
    name === namespace
      ? []
      : [
          {
            path: ["target", "namespaces", i],
            message: `"${name}": a team's policy reaches its own namespace only, which is ${namespace}`,
          },
        ],
  );
}

function whyNotFault(fault: TeamPolicyFile["faults"][number], i: number, bounds: TeamBounds): CrossProblem[] {
  const allowed: readonly string[] = bounds.faults;
  if (!allowed.includes(fault.kind))
    return [
      {
        path: ["faults", i, "kind"],
        message: `"${fault.kind}" is not among the faults that teams may use: ${allowed.join(", ")}`,
      },
    ];
  if (!("duration" in fault) || fault.duration <= bounds.standingMs) return [];
  const most = formatDuration(bounds.standingMs);
  return [
    {
      path: ["faults", i, "duration"],
      message: `stands for ${formatDuration(fault.duration)}; at most ${most} are allowed: write duration: ${most}`,
    },
  ];
}

function tooOften(schedule: TeamPolicyFile["schedule"], most: number): CrossProblem[] {
  const { cron, perDay = 1 } = schedule;
  if (cron === undefined)
    return perDay <= most
      ? []
      : [{ path: ["schedule", "perDay"], message: `${perDay} experiments a day; at most ${most} are allowed` }];
  return runsOnOneDay(cron, most + 1) <= most
    ? []
    : [{ path: ["schedule", "cron"], message: `more than the ${most} experiments a day that are allowed` }];
}

/** Runs on the first day that has any; counts no further than `most`. */
function runsOnOneDay(cron: string, most: number): number {
  const firstMs = nextCronRunMs(cron, "UTC", SOME_MIDNIGHT_MS - 1);
  if (firstMs === null) return 0;
  const endMs = (Math.floor(firstMs / DAY_MS) + 1) * DAY_MS;
  let count = 0;
  for (let atMs: number | null = firstMs; atMs !== null && atMs < endMs && count < most; count++)
    atMs = nextCronRunMs(cron, "UTC", atMs);
  return count;
}

function looserLimits(file: TeamPolicyFile["limits"], bounds: Limits): CrossProblem[] {
  const problems: CrossProblem[] = [];
  const refuse = (key: string, message: string) => problems.push({ path: ["limits", key], message });
  const atMost = (
    key: "perDay" | "perNamespace" | "perWorkload" | "perService" | "failedRequests",
    bound: number | undefined,
  ) => {
    const wanted = file[key];
    if (wanted !== undefined && bound !== undefined && wanted > bound)
      refuse(key, `${wanted} is more than the ${bound} that are allowed`);
  };
  const atLeast = (key: "cooldown" | "minAge", boundMs: number) => {
    const wantedMs = file[key];
    if (wantedMs !== undefined && wantedMs < boundMs)
      refuse(key, `${formatDuration(wantedMs)} is less than the ${formatDuration(boundMs)} that are asked for`);
  };
  atMost("perDay", bounds.perDay);
  atMost("perNamespace", bounds.perDay);
  atMost("perWorkload", bounds.perWorkload);
  atMost("perService", bounds.perService);
  atMost("failedRequests", bounds.failedRequests);
  atLeast("cooldown", bounds.cooldownMs);
  atLeast("minAge", bounds.minAgeMs);
  if (file.maxUnavailable !== undefined) {
    const why = whyNotUnavailable(toMaxUnavailable(file.maxUnavailable), bounds.maxUnavailable);
    if (why !== null) refuse("maxUnavailable", why);
  }
  if (bounds.singleReplica === "skip" && (file.singleReplica ?? "skip") !== "skip")
    refuse("singleReplica", `"${file.singleReplica}": workloads of one replica are left alone here`);
  return problems;
}

/**
 * A number of pods and a share cannot be compared without knowing the workload: then the bound's
 * own unit is asked for.
 */
function whyNotUnavailable(wanted: MaxUnavailable, bound: MaxUnavailable): string | null {
  const most = bound.unit === "percent" ? `${bound.value}%` : `${bound.value}`;
  if (wanted.value === 0) return null;
  if (wanted.unit !== bound.unit) return `expected the unit of the bound, which is ${most}`;
  return wanted.value <= bound.value ? null : `more than the ${most} that are allowed`;
}

/**
 * The limits that hold: the team's own where it wrote some, else the bound; and never more in the
 * namespace than the bound.
 */
export function boundedLimits(file: TeamPolicyFile["limits"], bounds: Limits): Policy["limits"] {
  const perWorkload = file.perWorkload ?? bounds.perWorkload;
  const perService = file.perService ?? bounds.perService;
  const failedRequests = file.failedRequests ?? bounds.failedRequests;
  return {
    perDay: file.perDay ?? bounds.perDay,
    perNamespace: file.perNamespace ?? bounds.perDay,
    ...(perWorkload === undefined ? {} : { perWorkload }),
    ...(perService === undefined ? {} : { perService }),
    ...(failedRequests === undefined ? {} : { failedRequests }),
    cooldownMs: file.cooldown ?? bounds.cooldownMs,
    maxUnavailable: file.maxUnavailable === undefined ? bounds.maxUnavailable : toMaxUnavailable(file.maxUnavailable),
    singleReplica: file.singleReplica ?? "skip",
    minAgeMs: file.minAge ?? bounds.minAgeMs,
  };
}
