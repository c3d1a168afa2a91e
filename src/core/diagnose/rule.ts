import type { CelContext, Expression, Scope } from "./cel.ts";
import type { RuleCase } from "./schema.ts";
import type { Template } from "./template.ts";

/** A text that appears only when its condition holds. */
export interface ConditionalText {
  readonly when: Expression | null;
  readonly text: Template;
}

/** One rule of `rules/diagnosis`, checked and compiled. */
export interface DiagnosisRule {
  readonly name: string;
  /** Findings of a lower rank come first. */
  readonly rank: number;
  readonly scope: Exclude<Scope, "manifest">;
  /** Whose weakness it is. */
  readonly subject: "dependant" | "dependency" | "workload";
  readonly when: Expression;
  /** While this holds, a weakness that did not show is still there. */
  readonly standsWhile: Expression | null;
  readonly title: Template;
  readonly explanation: Template;
  readonly evidence: readonly ConditionalText[];
  readonly now: ConditionalText | null;
  readonly fix: readonly ConditionalText[];
  readonly cases: readonly RuleCase[];
}

/** The words of a finding, without whom it is about. */
export interface FindingText {
  readonly title: string;
  readonly explanation: string;
  readonly evidence: readonly string[];
  readonly advice: { readonly now: string | null; readonly fix: readonly string[] };
}

/** What `rule` says about these facts, or null when its condition does not hold. */
export function applyRule(rule: DiagnosisRule, context: CelContext): FindingText | null {
  if (rule.when(context) !== true) return null;
  return {
    title: rule.title(context),
    explanation: rule.explanation(context),
    evidence: renderAll(rule.evidence, context),
    advice: {
      now: renderAll(rule.now === null ? [] : [rule.now], context)[0] ?? null,
      fix: renderAll(rule.fix, context),
    },
  };
}

/** Those of `texts` whose condition holds, filled in. */
export const renderAll = (texts: readonly ConditionalText[], context: CelContext): string[] =>
  texts.filter(({ when }) => when === null || when(context) === true).map(({ text }) => text(context));
