import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RuleProblem, RuleText } from "../../core/diagnose/compile.ts";
import { byRank, loadRules } from "../../core/diagnose/load.ts";
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

/** Rules to go by, and what is wrong with those of the user's that are left out. */
export interface Rules<Rule> {
  readonly rules: readonly Rule[];
  /** `rules.risks: owner.yaml: when: …`, a sentence each. */
  readonly problems: readonly string[];
}

interface Loaded<Rule> {
  readonly rules: readonly Rule[];
  readonly problems: readonly RuleProblem[];
}

/**
 * The shipped rules of diagnosis, and those of `own`, a folder. A broken rule of one's own is left
 * out; rejects with `rule-invalid` for a shipped one, with `config-invalid` when the folder cannot
 * be read.
 */
export const diagnosisRules = (own: string | null): Promise<Rules<DiagnosisRule>> => both("diagnosis", loadRules, own);

/** The rules of risks, as `diagnosisRules` has those of diagnosis. */
export const riskRules = (own: string | null): Promise<Rules<RiskRule>> => both("risks", loadRiskRules, own);

async function both<Rule extends { readonly name: string; readonly rank: number }>(
  kind: "diagnosis" | "risks",
  load: (texts: readonly RuleText[]) => Loaded<Rule>,
  own: string | null,
): Promise<Rules<Rule>> {
  const shipped = rightRules(load(await ruleTexts(join(rulesFolder(), kind))));
  if (own === null) return { rules: shipped, problems: [] };
  const texts = await ruleTexts(own).catch((cause: unknown) => {
    throw new AftershockError("config-invalid", `rules.${kind}: the folder ${own} cannot be read`, {
      hint: "name a folder with rules as YAML files, a mounted ConfigMap for instance",
      cause,
    });
  });
  const theirs = load(texts);
  const names = new Set(shipped.map(({ name }) => name));
  const taken = theirs.rules.filter(({ name }) => names.has(name));
  return {
    rules: byRank([
      ...shipped,
      ...theirs.rules.filter(({ name }, i) => !names.has(name) && firstOf(theirs.rules, name) === i),
    ]),
    problems: [
      ...theirs.problems.map(
        ({ file, path, message }) => `rules.${kind}: ${[file, path, message].filter(Boolean).join(": ")}`,
      ),
      ...taken.map(({ name }) => `rules.${kind}: ${name}: a shipped rule has this name; choose another`),
    ],
  };
}

const firstOf = (rules: readonly { readonly name: string }[], wanted: string): number =>
  rules.findIndex(({ name }) => name === wanted);

function rightRules<Rule>({ rules, problems }: Loaded<Rule>): readonly Rule[] {
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
