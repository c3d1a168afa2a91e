import * as z from "zod";
import { conditionalText, factsOf } from "../schema.ts";
import { MANIFEST_FACTS } from "./facts.ts";

/** A rule's own test: a workload without risks with these changes. */
const riskCase = z.strictObject({
  name: z.string().min(1),
  workload: factsOf(MANIFEST_FACTS),
  finds: z.boolean(),
  /** Texts that must occur somewhere in the risk. */
  says: z.array(z.string()).default([]),
});

/** One file of `rules/risks`. Every text may hold `{{ CEL }}`. */
export const riskFile = z.strictObject({
  name: z.string().regex(/^[a-z]+(-[a-z]+)*$/, "expected words joined by hyphens, as in `single-replica`"),
  rank: z.int().describe("risks of a lower rank come first"),
  when: z.string().min(1),
  title: z.string().min(1),
  explanation: z.string().min(1),
  evidence: z.array(conditionalText).min(1),
  fix: z.array(conditionalText).min(1),
  tested: z.strictObject({
    by: z.array(z.string().min(1)).min(1).describe("faults and natural failures that test it"),
    on: z.string().optional().describe("CEL, a list of services whose loss tests it; absent: the workload itself"),
    confirmedBy: z.array(z.string().min(1)).default([]).describe("weaknesses of rules/diagnosis that confirm it"),
    worseConfirms: z.boolean().describe("it is confirmed when a service got worse in the newest test"),
    ownEffect: z.boolean().default(false).describe("what counts is what a test did to the workload's own services"),
  }),
  cases: z
    .array(riskCase)
    .refine((cases) => cases.some((c) => c.finds), "expected at least one case that has the risk")
    .refine((cases) => cases.some((c) => !c.finds), "expected at least one case that has not"),
});
export type RiskFile = z.infer<typeof riskFile>;
