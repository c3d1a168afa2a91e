import { type Compiler, type RuleKind, type RuleProblem, type RuleText, readRule } from "./compile.ts";
import type { DiagnosisRule } from "./rule.ts";
import { type RuleFile, ruleFile } from "./schema.ts";

export interface LoadedRules {
  readonly rules: readonly DiagnosisRule[];
  /** Every problem of every file; a file with a problem gives no rule. */
  readonly problems: readonly RuleProblem[];
}

const DIAGNOSIS: RuleKind<RuleFile, DiagnosisRule> = {
  schema: ruleFile,
  scopeOf: ({ scope }) => scope,
  compile: (file, compiler: Compiler) => ({
    name: file.name,
    rank: file.rank,
    scope: file.scope,
    subject: file.subject,
    when: compiler.expression("when", file.when),
    standsWhile: file.standsWhile === undefined ? null : compiler.expression("standsWhile", file.standsWhile),
    title: compiler.template("title", file.title),
    explanation: compiler.template("explanation", file.explanation),
    evidence: file.evidence.map((text, i) => compiler.conditional(`evidence[${i}]`, text)),
    now: file.advice.now === null ? null : compiler.conditional("advice.now", file.advice.now),
    fix: file.advice.fix.map((text, i) => compiler.conditional(`advice.fix[${i}]`, text)),
    cases: file.cases,
  }),
};

/**
 * Reads, validates and compiles the rules; they come back by rank, then name. Never throws on bad
 * text.
 */
export function loadRules(texts: readonly RuleText[]): LoadedRules {
  const read = texts.map((text) => readRule(DIAGNOSIS, text));
  const rules = read.flatMap((one) => ("rule" in one ? [one.rule] : []));
  const problems = read.flatMap((one) => ("rule" in one ? [] : one.problems));
  return { rules: byRank(rules), problems: [...problems, ...sameNames(rules)] };
}

/** Lower ranks first, then by name. */
export const byRank = <R extends { readonly rank: number; readonly name: string }>(rules: readonly R[]): R[] =>
  rules.toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));

/** A problem for each rule that is named as an earlier one is. */
export const sameNames = (rules: readonly { readonly name: string }[]): RuleProblem[] =>
  rules
    .filter(({ name }, i) => rules.findIndex((other) => other.name === name) !== i)
    .map(({ name }) => ({ file: name, path: "name", message: `two rules are named ${name}` }));
