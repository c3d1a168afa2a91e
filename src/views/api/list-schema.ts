import * as z from "zod";

/** Shapes that several answers have, and those of lists. */

export const ms = z.number().describe("milliseconds since the epoch");
export const outcome = z.enum(["unaffected", "recovered", "not recovered", "unknown"]);
export const workload = z.object({ kind: z.string(), namespace: z.string(), name: z.string() });

export const riskState = z.enum(["untested", "confirmed", "refuted", "unclear"]);
export const risk = z.object({
  risk: z.string().describe("name of the rule"),
  workload,
  service: z.string().nullable(),
  title: z.string(),
  explanation: z.string(),
  evidence: z.array(z.string()),
  fix: z.array(z.string()),
  testedBy: z.array(z.string()),
  testedOn: z.array(z.string()),
  fingerprint: z.string(),
  state: riskState,
  test: z.object({ id: z.string(), atMs: ms }).nullable().describe("the newest experiment that tested it"),
});

export const call = z.object({
  caller: z.string(),
  callee: z.string(),
  protocol: z.enum(["http", "tcp"]),
  perSecond: z.number().describe("requests, or connections opened"),
});

export const listedService = z.object({
  service: z.string().describe("namespace/name"),
  outcomes: z.record(outcome, z.int()),
  last: z.object({ id: z.string(), atMs: ms, outcome }).nullable(),
  coverage: z.enum(["hit", "hit-before", "never", "not-eligible"]).nullable(),
  why: z.array(z.string()).describe("why it may not be hit"),
  lastHitMs: ms.nullable(),
  findings: z.array(z.string()).describe("titles of its open findings"),
  risks: z.array(z.object({ title: z.string(), state: riskState })),
});
