import { type CelContext, celContext, type Expression } from "../cel.ts";
import { type RuleKind, type RuleProblem, type RuleText, readRule } from "../compile.ts";
import { byRank, sameNames } from "../load.ts";
import { type ConditionalText, renderAll } from "../rule.ts";
import type { Template } from "../template.ts";
import { type ManifestFacts, QUIET_MANIFEST } from "./facts.ts";
import { type RiskFile, riskFile } from "./schema.ts";

/** One rule of `rules/risks`, checked and compiled. */
export interface RiskRule {
  readonly name: string;
  readonly rank: number;
  readonly when: Expression;
  readonly title: Template;
  readonly explanation: Template;
  readonly evidence: readonly ConditionalText[];
  readonly fix: readonly ConditionalText[];
  readonly testedBy: readonly string[];
  readonly testedOn: Expression | null;
  readonly confirmedBy: readonly string[];
  readonly worseConfirms: boolean;
  readonly ownEffect: boolean;
  readonly cases: RiskFile["cases"];
}

/** The words of a risk, without whom it is about. */
interface RiskText {
  readonly title: string;
  readonly explanation: string;
  readonly evidence: readonly string[];
  readonly fix: readonly string[];
  readonly testedOn: readonly string[] | null;
}

const RISK: RuleKind<RiskFile, RiskRule> = {
  schema: riskFile,
  scopeOf: () => "manifest",
  compile: (file, compiler) => ({
    name: file.name,
    rank: file.rank,
    when: compiler.expression("when", file.when),
    title: compiler.template("title", file.title),
    explanation: compiler.template("explanation", file.explanation),
    evidence: file.evidence.map((text, i) => compiler.conditional(`evidence[${i}]`, text)),
    fix: file.fix.map((text, i) => compiler.conditional(`fix[${i}]`, text)),
    testedBy: file.tested.by,
    testedOn: file.tested.on === undefined ? null : compiler.expression("tested.on", file.tested.on, ["list<string>"]),
    confirmedBy: file.tested.confirmedBy,
    worseConfirms: file.tested.worseConfirms,
    ownEffect: file.tested.ownEffect,
    cases: file.cases,
  }),
};

/** Reads and compiles the rules, by rank, then name; a file with a problem gives no rule. */
export function loadRiskRules(texts: readonly RuleText[]): {
  readonly rules: readonly RiskRule[];
  readonly problems: readonly RuleProblem[];
} {
  const read = texts.map((text) => readRule(RISK, text));
  const rules = read.flatMap((one) => ("rule" in one ? [one.rule] : []));
  const problems = read.flatMap((one) => ("rule" in one ? [] : one.problems));
  return { rules: byRank(rules), problems: [...problems, ...sameNames(rules)] };
}

/** Facts of one workload in the rules' language, made once for all of them. */
export const manifestContext = (workload: ManifestFacts): CelContext => celContext({ scope: "manifest", workload });

/** What `rule` says about a workload, or null when it has not this risk. */
export function applyRiskRule(rule: RiskRule, context: CelContext): RiskText | null {
  if (rule.when(context) !== true) return null;
  return {
    title: rule.title(context),
    explanation: rule.explanation(context),
    evidence: renderAll(rule.evidence, context),
    fix: renderAll(rule.fix, context),
    testedOn: rule.testedOn === null ? null : (rule.testedOn(context) as readonly string[]),
  };
}

/** Runs every rule's own cases: why each failed, or null. */
export function testRiskRules(rules: readonly RiskRule[]) {
  return rules.flatMap((rule) =>
    rule.cases.map(({ name, workload, finds, says }) => {
      const got = applyRiskRule(rule, manifestContext({ ...QUIET_MANIFEST, ...workload } as ManifestFacts));
      return { rule: rule.name, case: name, failure: failureOf(got, finds, says) };
    }),
  );
}

function failureOf(got: RiskText | null, finds: boolean, says: readonly string[]): string | null {
  if (finds !== (got !== null)) return finds ? "did not find the risk" : "found the risk, expected not to";
  const said = JSON.stringify(got);
  const missing = says.filter((text) => !said.includes(JSON.stringify(text).slice(1, -1)));
  return missing.length === 0 ? null : `does not say ${missing.map((text) => `"${text}"`).join(" or ")}: ${said}`;
}
