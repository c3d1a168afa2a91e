import { z } from "zod";
import { FAULT_KINDS } from "../core/model/fault.ts";
import { MODES } from "../core/model/policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/model/units.ts";
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

import { didYouMean } from "./suggest.ts";

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
      standingFault("node-drain"),
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

export const POLICY = section({
  name: dnsLabel.max(40).describe("Part of every experiment's name."),
  mode: oneOf(MODES).optional().describe("At most the global mode, which is the default."),
  schedule: SCHEDULE,
  target: section({
    namespaces: z
      .array(namePattern)
      .min(1)
      .describe("Names, or patterns such as team-*; protected namespaces must be named in full."),
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
  }),
  faults: z.array(FAULT).min(1),
  limits: section({
    perDay: whole(1).default(12).describe("Injections of this policy a day."),
    perNamespace: whole(1).optional().describe("Injections in one namespace a day, by all policies."),
    perWorkload: whole(1).optional().describe("Injections on one workload a day, by all policies."),
    perService: whole(1).optional().describe("Injections on one service a day, by all policies."),
    cooldown: duration().prefault("30m").describe("Time between two injections on one workload or service."),
    maxUnavailable: MAX_UNAVAILABLE.default(1),
    singleReplica: oneOf(["allow", "skip", "only"])
      .default("skip")
      .describe("What to do with workloads of one replica."),
    confirmations: whole(0, 10)
      .default(3)
      .describe("How often a suspect is hit again to confirm it, in at most half of the slots; 0: never."),
    minAge: duration().prefault("10m").describe("Workloads and pods that are younger are left alone."),
  }).prefault({}),
});

export type PolicyFile = z.output<typeof POLICY>;
export type FaultFile = PolicyFile["faults"][number];
