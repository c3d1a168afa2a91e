import * as z from "zod";
import { call, listedService, ms, outcome, risk, riskState, workload } from "./list-schema.ts";

/**
 * Shapes of the API's answers, as far as we promise them: further fields may come. One source for
 * OpenAPI and for the tests.
 */

const verdictKind = z.enum(["steady", "transient", "slow-recovery", "persistent", "unresolved", "inconclusive"]);
const interval = z.object({ point: z.number(), low: z.number(), high: z.number(), level: z.number() });
const mode = z.enum(["observe", "sham", "inject"]);

const signalVerdict = z.object({
  service: z.string().describe("namespace/name"),
  signal: z.enum(["failures", "latency", "rate", "connections"]),
  verdict: z.object({
    kind: verdictKind,
    recoveredAfterMs: interval.optional(),
    why: z.string().optional(),
    detail: z.string().optional(),
  }),
  effect: z
    .object({
      unit: z.enum(["share", "ratio"]),
      before: z.number(),
      after: z.number(),
      change: interval,
      excess: z.number(),
      boundMs: z.number().nullable(),
    })
    .nullable(),
  onsetMs: interval.nullable(),
  minimumDetectable: z.number().nullable(),
  learning: z.boolean(),
  starved: z.boolean(),
});

const finding = z.object({
  weakness: z.string(),
  workload,
  service: z.string().nullable(),
  title: z.string(),
  explanation: z.string(),
  evidence: z.array(z.string()),
  advice: z.object({ now: z.string().nullable(), fix: z.array(z.string()) }),
  fingerprint: z.string(),
  status: z.enum(["new", "known", "fixed", "regressed"]),
});

const experiment = z.object({
  phase: z.string(),
  plan: z.object({ id: z.string(), policy: z.string(), slotMs: ms, seed: z.number(), sham: z.boolean() }).nullable(),
  choice: z
    .object({
      target: z.object({ workload, services: z.array(z.string()) }),
      fault: z.object({ kind: z.string() }),
      eligible: z.number(),
      ineligible: z.number(),
      drawn: z.string(),
    })
    .nullable(),
  refusal: z.object({ gate: z.string(), why: z.string() }).nullable(),
  t0Ms: ms.nullable(),
  clearMs: ms.nullable(),
  extension: z
    .object({ toMs: ms, why: z.string(), over: z.boolean().describe("it was taken back: the planned end counts") })
    .nullable()
    .describe("that it is observed for longer than planned"),
  judgement: z
    .object({
      headline: verdictKind,
      origin: z.string().nullable(),
      learning: z.boolean(),
      verdicts: z.array(signalVerdict),
      notes: z.array(z.string()),
    })
    .nullable(),
  outcome: outcome.nullable().describe("fixed at the verdict; null without one, for shams and cancelled experiments"),
  findings: z.array(finding),
  recoveredAfterMs: z.number().nullable(),
});

const links = z
  .array(z.object({ name: z.string(), url: z.string() }))
  .describe("other tools at this time, as the configuration has them");

const counts = z.array(z.number().nullable()).describe("one for each step; null where nothing was scraped");
const experimentRecord = experiment.extend({
  links,
  entries: z.array(
    z.object({ stream: z.string(), seq: z.int(), atMs: ms, event: z.looseObject({ kind: z.string() }) }),
  ),
  observation: z
    .object({
      grid: z.object({ startMs: ms, stepMs: z.number(), steps: z.int() }),
      services: z.array(z.object({ service: z.string(), requests: counts, failures: counts })),
      notes: z.array(z.string()),
    })
    .nullable(),
});

const standing = z.enum(["suspected", "confirmed"]);
const otherMinutes = z
  .object({ share: z.number(), runs: z.int() })
  .nullable()
  .describe("share of all choices of the minutes of later experiments that would have looked as bad together");
const confidence = z.object({
  standing,
  evidence: z.number(),
  shown: z.int(),
  runs: z.int(),
  minutes: otherMinutes.optional(),
});
const suspect = z.object({
  fault: z.string(),
  workload,
  service: z.string(),
  signal: z.string(),
  openedBy: z.string(),
  policy: z.string(),
  evidence: z.number(),
  runs: z.int(),
  shownBy: z.array(z.string()),
  repeats: z.int(),
  minutes: otherMinutes,
  standing,
});

const decidedBy = { why: z.string(), by: z.string() };

const handling = z.object({
  muted: z.object({ untilMs: ms, ...decidedBy }).nullable(),
  accepted: z.object(decidedBy).nullable(),
  owner: z.object({ name: z.string(), by: z.string() }).nullable(),
});

const findingLine = z.object({
  fingerprint: z.string(),
  status: z.enum(["new", "known", "fixed", "regressed"]),
  weakness: z.string(),
  workload: z.string(),
  title: z.string().optional(),
  finding: finding.nullable(),
  experimentId: z.string(),
  seen: z.int(),
  firstSeenMs: ms,
  owner: z.string().nullable().optional(),
  handling: handling.optional(),
  confidence: confidence.nullable().optional(),
});

const share = z.object({ count: z.int(), of: z.int(), share: interval.nullable() });

const report = z.object({
  cluster: z.string(),
  week: z.object({ id: z.string(), fromMs: ms, toMs: ms, timezone: z.string() }),
  madeAtMs: ms,
  experiments: z.object({
    planned: z.int(),
    injected: z.int(),
    shams: z.int(),
    refused: z.int(),
    missed: z.int(),
    byVerdict: z.record(verdictKind, z.int()),
    byOutcome: z.record(outcome, z.int()),
    lines: z.array(
      z.object({
        id: z.string(),
        atMs: ms,
        target: z.string(),
        fault: z.string(),
        sham: z.boolean(),
        verdict: verdictKind,
        outcome: outcome.nullable().describe("null for shams and cancelled experiments"),
        falseAlarm: z.boolean().nullable(),
        failed: z.int().describe("requests that failed beyond expectation"),
      }),
    ),
  }),
  natural: z.array(
    z.object({
      id: z.string(),
      atMs: ms,
      died: z.string(),
      why: z.string(),
      verdict: verdictKind.nullable(),
      outcome: outcome.nullable(),
      failed: z.int(),
      impact: z.string(),
      open: z.boolean(),
      recoveredAfterMs: z.number().nullable(),
    }),
  ),
  coverage: z.object({
    eligible: z.int(),
    hit: z.int(),
    lines: z.array(
      z.object({
        workload,
        state: z.enum(["hit", "hit-before", "never", "not-eligible"]),
        hits: z.int(),
        lastHitMs: ms.nullable(),
        why: z.array(z.string()),
      }),
    ),
  }),
  findings: z.array(findingLine),
  risks: z.array(z.object({ title: z.string(), state: riskState })).optional(),
  suspects: z.array(suspect),
  recovery: z.object({
    medianMs: z.number().nullable(),
    lowMs: z.number().nullable(),
    highMs: z.number().nullable(),
    ended: z.int(),
    censored: z.int(),
  }),
  refusals: z.array(z.object({ gate: z.string(), count: z.int(), why: z.string() })),
  missed: z.array(z.object({ id: z.string(), atMs: ms, why: z.string() })),
  falseAlarms: share,
  audit: z.object({
    promised: z.number(),
    fromMs: ms.nullable(),
    shams: share,
    overdueSinceMs: ms.nullable(),
    finalLooks: z.object({ withdrawn: z.int(), of: z.int() }),
    minutes: z.object({
      shams: z.int(),
      worseThan: z.number().nullable(),
      p: z.number().nullable(),
      unevenSinceMs: ms.nullable(),
    }),
  }),
  score: z.object({
    unaffected: z.int(),
    recovered: z.int(),
    notRecovered: z.int(),
    unknown: z.int(),
    excluded: z.int(),
    share: interval.nullable(),
    unread: z.literal(true).optional(),
  }),
});

const status = z.object({
  cluster: z.string(),
  version: z.string(),
  mode,
  policies: z.array(z.object({ name: z.string(), mode })),
  notFollowed: z.array(z.object({ policy: z.string(), why: z.string() })).optional(),
  halt: z.object({ kind: z.enum(["none", "halted", "unknown"]) }),
  alerts: z
    .array(z.object({ id: z.string(), text: z.string() }))
    .optional()
    .describe("early alerts without a verdict"),
  links: z
    .array(z.object({ name: z.string(), url: z.string() }))
    .optional()
    .describe("links as configured"),
  blind: z.string().nullable(),
  timezone: z.string(),
  nowMs: ms,
});

export const API_SCHEMAS = {
  Status: status,
  Experiments: z.array(experiment),
  Experiment: experimentRecord,
  Services: z.array(listedService),
  Service: z.object({
    service: z.string(),
    total: z.int().describe("experiments in all; hit and judged have the newest of them"),
    hit: z.array(experiment),
    judged: z.array(experiment),
    findings: z.array(findingLine),
    risks: z.array(risk),
    links,
  }),
  Risks: z.array(risk),
  Calls: z.array(call),
  Findings: z.array(findingLine),
  Slots: z.array(z.object({ atMs: ms, policy: z.string(), sham: z.boolean() })),
  Weeks: z.array(z.string()),
  Report: report,
  Error: z.object({ error: z.string() }),
} as const;
