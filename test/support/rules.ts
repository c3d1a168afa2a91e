import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RuleText } from "../../src/core/diagnose/compile.ts";
import { loadRules } from "../../src/core/diagnose/load.ts";
import { loadRiskRules, type RiskRule } from "../../src/core/diagnose/risks/rule.ts";
import type { DiagnosisRule } from "../../src/core/diagnose/rule.ts";

const RULES = new URL("../../rules/", import.meta.url).pathname;

/** The files of `rules/diagnosis`, or of another folder of rules. */
export const shippedRuleTexts = (folder = "diagnosis"): RuleText[] =>
  readdirSync(join(RULES, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((path) => ({ path, text: readFileSync(join(RULES, folder, path), "utf8") }));

/** The shipped rules of risks, compiled. */
export const shippedRiskRules = (): readonly RiskRule[] => loadRiskRules(shippedRuleTexts("risks")).rules;

/** The shipped rules, compiled; they have no problem, or a test of theirs says so. */
export const shippedRules = (): readonly DiagnosisRule[] => loadRules(shippedRuleTexts()).rules;
