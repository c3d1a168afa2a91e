import { celContext, type ScopeFacts } from "./cel.ts";
import { QUIET_EDGE, QUIET_EXPERIMENT, QUIET_WORKLOAD } from "./facts.ts";
import { applyRule, type DiagnosisRule, type FindingText } from "./rule.ts";
import type { RuleCase } from "./schema.ts";

export interface RuleCaseResult {
  readonly rule: string;
  readonly case: string;
  /** Why it failed, or null. */
  readonly failure: string | null;
}

/** Runs every rule's own cases (`aftershock rules test`). */
export function testRules(rules: readonly DiagnosisRule[]): readonly RuleCaseResult[] {
  return rules.flatMap((rule) =>
    rule.cases.map((ruleCase) => ({
      rule: rule.name,
      case: ruleCase.name,
      failure: failureOf(ruleCase, applyRule(rule, celContext(caseFacts(rule, ruleCase)))),
    })),
  );
}

function failureOf(expected: RuleCase, got: FindingText | null): string | null {
  if (expected.finds !== (got !== null)) {
    return expected.finds ? "did not find the weakness" : "found the weakness, expected not to";
  }
  const said = JSON.stringify(got);
  const missing = expected.says.filter((text) => !said.includes(JSON.stringify(text).slice(1, -1)));
  return missing.length === 0 ? null : `does not say ${missing.map((text) => `"${text}"`).join(" or ")}: ${said}`;
}

/** Quiet facts with the case's changes. */
function caseFacts(rule: DiagnosisRule, { facts }: RuleCase): ScopeFacts {
  const experiment = { ...QUIET_EXPERIMENT, ...facts.experiment };
  if (rule.scope === "workload") {
    return { scope: "workload", workload: { ...QUIET_WORKLOAD, ...facts.workload }, experiment };
  }
  return {
    scope: "pair",
    dependant: { ...QUIET_WORKLOAD, ...facts.dependant },
    dependency: { ...QUIET_WORKLOAD, ...facts.dependency },
    edge: { ...QUIET_EDGE, ...facts.edge },
    experiment,
  };
}
