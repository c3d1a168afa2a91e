import * as z from "zod";
import { FAULT_KINDS } from "../../core/model/fault.ts";
import { MODES } from "../../core/model/policy.ts";
import { TEAM_FAULTS } from "../../core/model/team-policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import { didYouMean } from "../values/suggest.ts";
import {
  cron,
  dnsLabel,
  duration,
  namePattern,
  oneOf,
  section,
  selector,
  share,
  timezone,
  weeklyWindow,
  whole,
} from "./fields.ts";

const KINDS = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod", "Other"] as const;

const weight = z
  .number()
  .max(1000)
  .refine((value) => value > 0, { error: "expected a weight above 0; remove the fault instead" })
  .default(1)
  .describe("How often this fault is drawn, compared with the others.");
const expiry = duration({ minMs: 10 * SECOND_MS, maxMs: HOUR_MS })
  .prefault("5m")
  .describe("How long it stands.");
const percent = z.number().min(1).max(100).default(100).describe("Share of requests, 1 to 100.");

const podFault = <const Kind extends string>(kind: Kind) => section({ kind: z.literal(kind), weight });
const standingFault = <const Kind extends string>(kind: Kind) =>
  section({ kind: z.literal(kind), weight, duration: expiry });

function whyNotKind({ input }: { readonly input?: unknown }): string {
  const kind = typeof input === "object" && input !== null && "kind" in input ? String(input.kind) : "";
  const known = FAULT_KINDS.join(", ");
  return kind === ""
    ? `expected { kind: … }, one of ${known}`
    : `unknown fault "${kind}"${didYouMean(kind, FAULT_KINDS)}; known: ${known}`;
}

const FAULT = z
  .discriminatedUnion(
    "kind",
    [
      podFault("pod-delete"),
      podFault("pod-evict"),
      podFault("pod-kill"),
      section({
        kind: z.literal("node-drain"),
        weight,
        duration: expiry,
        singleReplicas: oneOf(["skip", "hit"])
          .default("skip")
          .describe("Whether a node is drained on which a workload of one replica lives, of the policy's own."),
      }),
      standingFault("zone-outage"),
      section({
        kind: z.literal("http-abort"),
        weight,
        duration: expiry,
        httpStatus: whole(400, 599).default(503),
        percent,
      }),
      section({
        kind: z.literal("http-delay"),
        weight,
        duration: expiry,
        delay: duration({ minMs: 1, maxMs: 5 * MINUTE_MS }).prefault("2s"),
        percent,
      }),
    ],
    { error: whyNotKind },
  )
  .describe("What is done to the target.");

const MAX_UNAVAILABLE = z
  .union(
    [
      whole(0),
      z.string().regex(/^(100|\d{1,2})%$/, {
        error: (issue) => `"${issue.input}" is neither a number of pods, as 1, nor a share, as 34%`,
      }),
    ],
    {
      error: "expected a number of pods, as 1, or a share, as 34%",
    },
  )
  .describe("Pods of a workload that may be missing at once; percentages are rounded up.");

const SCHEDULE = section({
  windows: z.array(weeklyWindow).min(1).optional().describe('When an injection may happen: "mon-fri 09:00-17:00".'),
  perDay: whole(1, 288).optional().describe("Injections a day, spread over the windows. With windows only; default 1."),
  cron: cron.optional().describe('Instead of windows: "*/30 9-16 * * 1-5".'),
  jitter: duration({ maxMs: DAY_MS })
    .optional()
    .describe("With cron only: each run is moved later by a random time below this."),
  timezone: timezone.optional().describe("IANA name; default: that of the calendar."),
  shamShare: share.default(0.15).describe("Share of experiments in which nothing is injected."),
}).describe("When experiments happen: windows or cron.");

const NAME = dnsLabel.max(40).describe("Part of every experiment's name.");
const MODE = oneOf(MODES).optional().describe("At most the global mode, which is the default.");
const NAMESPACES = z
  .array(namePattern)
  .min(1)
  .describe("Names, or patterns such as team-*; protected namespaces must be named in full.");
const FAULTS = z.array(FAULT).min(1);

const TARGET = {
  kinds: z
    .array(oneOf(KINDS))
    .min(1)
    .default(["Deployment", "StatefulSet"])
    .describe("DaemonSets, Jobs and bare pods only if they stand here."),
  labels: selector.optional().describe('Workload labels that must match, as for kubectl -l: "tier=web,!legacy".'),
  names: z.array(z.string().min(1)).default([]).describe("Only these workloads."),
  exclude: section({
    labels: selector.optional().describe("Workloads or namespaces with these labels or annotations are left out."),
  }).prefault({}),
};

const PER_DAY = whole(1).describe("Injections of this policy a day, in the calendar's zone.");
const FAILED_REQUESTS = whole(1).describe("Requests of one service that experiments may make fail in seven days.");
/** About a third of what a service with 50 requests a second may fail in a week at 99.9 %. */
const FAILED_REQUESTS_A_WEEK = 10_000;
const COOLDOWN = duration().describe("Time between two injections on one workload or service.");
const MIN_AGE = duration().describe("Workloads and pods that are younger are left alone.");
const SINGLE_REPLICA = oneOf(["allow", "skip", "only"]).describe("What to do with workloads of one replica.");
const BUDGETS = {
  perNamespace: whole(1).optional().describe("Injections in one namespace a day, by all policies."),
  perWorkload: whole(1).optional().describe("Injections on one workload a day, by all policies."),
  perService: whole(1).optional().describe("Injections on one service a day, by all policies."),
};

export const POLICY = section({
  name: NAME,
  mode: MODE,
  schedule: SCHEDULE,
  target: section({ namespaces: NAMESPACES, ...TARGET }),
  faults: FAULTS,
  limits: section({
    perDay: PER_DAY.default(12),
    ...BUDGETS,
    failedRequests: FAILED_REQUESTS.default(FAILED_REQUESTS_A_WEEK),
    cooldown: COOLDOWN.prefault("30m"),
    maxUnavailable: MAX_UNAVAILABLE.default(1),
    singleReplica: SINGLE_REPLICA.default("skip"),
    confirmations: whole(0, 10)
      .default(3)
      .describe("How often a suspect is hit again to confirm it, in at most half of the slots; 0: never."),
    minAge: MIN_AGE.prefault("10m"),
  }).prefault({}),
});

/**
 * A policy in its team's own namespace: the same words, and what is left out is as the service
 * bounds it.
 */
export const TEAM_POLICY = section({
  name: NAME.optional(),
  mode: MODE,
  schedule: SCHEDULE,
  target: section({ namespaces: NAMESPACES.optional(), ...TARGET }).prefault({}),
  faults: FAULTS,
  limits: section({
    perDay: PER_DAY.optional(),
    ...BUDGETS,
    failedRequests: FAILED_REQUESTS.optional(),
    cooldown: COOLDOWN.optional(),
    maxUnavailable: MAX_UNAVAILABLE.optional(),
    singleReplica: SINGLE_REPLICA.optional(),
    minAge: MIN_AGE.optional(),
  }).prefault({}),
});

/** What the service allows its teams. */
export const TEAMS = section({
  namespaces: z
    .array(dnsLabel)
    .min(1)
    .describe('Where ConfigMaps with the label aftershock.dev/policy: "true" are read.'),
  mode: MODE,
  faults: z
    .array(oneOf(TEAM_FAULTS))
    .min(1)
    .default(["pod-delete", "pod-evict"])
    .describe("Faults that a team may name; those that cordon nodes are never among them."),
  standing: duration({ minMs: 10 * SECOND_MS, maxMs: HOUR_MS })
    .prefault("5m")
    .describe("Longest time for which an HTTP fault may stand."),
  policies: whole(1, 20).default(5).describe("Policies in one namespace."),
  experimentsPerDay: whole(1, 288)
    .default(24)
    .describe("Experiments that one policy may plan on a day, shams and refusals included."),
  limits: section({
    perDay: whole(1).default(12).describe("Injections in one namespace a day, whatever the number of its policies."),
    perWorkload: BUDGETS.perWorkload,
    perService: BUDGETS.perService,
    failedRequests: FAILED_REQUESTS.default(FAILED_REQUESTS_A_WEEK),
    cooldown: COOLDOWN.prefault("30m"),
    maxUnavailable: MAX_UNAVAILABLE.default(1),
    singleReplica: oneOf(["allow", "skip"])
      .default("skip")
      .describe("Whether a team may name workloads of one replica."),
    minAge: MIN_AGE.prefault("10m"),
  }).prefault({}),
});

export type PolicyFile = z.output<typeof POLICY>;
export type TeamPolicyFile = z.output<typeof TEAM_POLICY>;
export type TeamsFile = z.output<typeof TEAMS>;
export type FaultFile = PolicyFile["faults"][number];
