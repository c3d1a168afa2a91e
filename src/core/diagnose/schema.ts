import * as z from "zod";
import { EDGE_FACTS, EXPERIMENT_FACTS, type FactType, WORKLOAD_FACTS } from "./facts.ts";

const conditional = z.strictObject({
  when: z.string().describe("CEL that must be true for this text to appear"),
  text: z.string().min(1),
});
/** A text of a rule, or one that appears under a condition. */
export const conditionalText = z.union([z.string().min(1), conditional]);

const schemaOf = (type: FactType): z.ZodType => {
  switch (type) {
    case "string":
      return z.string();
    case "bool":
      return z.boolean();
    case "int":
      return z.int();
    case "double":
      return z.number();
    case "list<string>":
      return z.array(z.string());
  }
};
/** Any of the facts of `table`, each in its type. */
export const factsOf = (table: Readonly<Record<string, FactType>>) =>
  z
    .strictObject(Object.fromEntries(Object.entries(table).map(([name, type]) => [name, schemaOf(type).optional()])))
    .optional();

/**
 * A rule's own test: quiet facts with these changes, and whether the rule finds its weakness in
 * them.
 */
const ruleCase = z.strictObject({
  name: z.string().min(1),
  facts: z.strictObject({
    dependant: factsOf(WORKLOAD_FACTS),
    dependency: factsOf(WORKLOAD_FACTS),
    workload: factsOf(WORKLOAD_FACTS),
    edge: factsOf(EDGE_FACTS),
    experiment: factsOf(EXPERIMENT_FACTS),
  }),
  finds: z.boolean(),
  /** Texts that must occur somewhere in the finding. */
  says: z.array(z.string()).default([]),
});
export type RuleCase = z.infer<typeof ruleCase>;

/** One file of `rules/diagnosis`. Every text may hold `{{ CEL }}`. */
export const ruleFile = z
  .strictObject({
    name: z.string().regex(/^[a-z]+(-[a-z]+)*$/, "expected words joined by hyphens, as in `stale-connection`"),
    rank: z.int().describe("findings of a lower rank come first: what ends the damage before what prevents it"),
    scope: z.enum(["pair", "workload"]),
    subject: z.enum(["dependant", "dependency", "workload"]),
    when: z.string().min(1),
    standsWhile: z
      .string()
      .optional()
      .describe("CEL: as long as it holds, the weakness is not called fixed merely because it did not show this time"),
    title: z.string().min(1),
    explanation: z.string().min(1),
    evidence: z.array(conditionalText).min(1),
    advice: z.strictObject({ now: conditionalText.nullable(), fix: z.array(conditionalText).min(1) }),
    cases: z
      .array(ruleCase)
      .refine((cases) => cases.some((c) => c.finds), "expected at least one case that finds the weakness")
      .refine((cases) => cases.some((c) => !c.finds), "expected at least one case that does not find it"),
  })
  .refine((rule) => (rule.scope === "workload") === (rule.subject === "workload"), {
    path: ["subject"],
    message: "expected `workload` for scope workload, and `dependant` or `dependency` for scope pair",
  });
export type RuleFile = z.infer<typeof ruleFile>;
