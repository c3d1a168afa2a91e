import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadRules, type RuleText } from "../../src/core/diagnose/load.ts";
import type { DiagnosisRule } from "../../src/core/diagnose/rule.ts";

const FOLDER = new URL("../../rules/diagnosis/", import.meta.url).pathname;

/** The files of `rules/diagnosis`. */
export const shippedRuleTexts = (): RuleText[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".yaml"))
    .map((path) => ({ path, text: readFileSync(join(FOLDER, path), "utf8") }));

/** The shipped rules, compiled; they have no problem, or a test of theirs says so. */
export const shippedRules = (): readonly DiagnosisRule[] => loadRules(shippedRuleTexts()).rules;
