import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RuleProblem, RuleText } from "../../core/diagnose/compile.ts";
import { loadRules } from "../../core/diagnose/load.ts";
import { loadRiskRules, type RiskRule } from "../../core/diagnose/risks/rule.ts";
import type { DiagnosisRule } from "../../core/diagnose/rule.ts";
import { AftershockError } from "../../core/model/error.ts";

/**
 * The `rules` folder that belongs to this program: beside `dist` in a package, at the top of a
 * checkout.
 */
export function rulesFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "rules", "diagnosis"))) return join(folder, "rules");
    if (folder === dirname(folder)) {
      throw new AftershockError("not-found", "the folder rules/ is missing", {
        hint: "install the package again: it belongs beside dist/",
      });
    }
  }
}

/** Every rule file of `folder`, in the order of their names. */
export async function ruleTexts(folder: string): Promise<RuleText[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).toSorted();
  return Promise.all(names.map(async (name) => ({ path: name, text: await readFile(join(folder, name), "utf8") })));
}

/** The shipped rules of diagnosis. Rejects with `rule-invalid`. */
export async function diagnosisRules(): Promise<readonly DiagnosisRule[]> {
  return rightRules(loadRules(await ruleTexts(join(rulesFolder(), "diagnosis"))));
}

/** The shipped rules of risks. Rejects with `rule-invalid`. */
export async function riskRules(): Promise<readonly RiskRule[]> {
  return rightRules(loadRiskRules(await ruleTexts(join(rulesFolder(), "risks"))));
}

function rightRules<Rule>({ rules, problems }: { rules: readonly Rule[]; problems: readonly RuleProblem[] }) {
  const [first] = problems;
  if (first === undefined) return rules;
  throw new AftershockError("rule-invalid", `${first.file}: ${first.path}: ${first.message}`, {
    hint: "aftershock rules test names every problem",
  });
}

/** The telemetry of a mesh as data: a name of `rules/signals`, or an absolute path. */
export async function signalsText(name: string): Promise<string> {
  const path = isAbsolute(name) ? name : join(rulesFolder(), "signals", `${name}.yaml`);
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new AftershockError("config-invalid", `signals: ${name} cannot be read (${path})`, {
      hint: "name a file of rules/signals (istio), or give a path",
      cause,
    });
  }
}
