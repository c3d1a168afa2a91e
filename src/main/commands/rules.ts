import { join, resolve } from "node:path";
import { testRules } from "../../core/diagnose/cases.ts";
import { loadRules } from "../../core/diagnose/load.ts";
import { loadRiskRules, testRiskRules } from "../../core/diagnose/risks/rule.ts";
import { AftershockError } from "../../core/model/error.ts";
import { EXIT, type Io } from "../io.ts";
import { rulesFolder, ruleTexts } from "../setup/rules-folder.ts";

/** Runs the test cases that the rules carry. */
export async function rules(
  options: { readonly args: readonly string[]; readonly folder?: string; readonly json?: boolean },
  io: Io,
): Promise<number> {
  if (options.args[0] !== "test") throw new AftershockError("usage", `rules ${options.args[0]}: test was expected`);
  const folder = options.folder === undefined ? join(rulesFolder(), "diagnosis") : resolve(io.cwd, options.folder);
  const loaded = loadRules(await ruleTexts(folder));
  const risks = loadRiskRules(options.folder === undefined ? await ruleTexts(join(rulesFolder(), "risks")) : []);
  const problems = [...loaded.problems, ...risks.problems];
  const results = [...testRules(loaded.rules), ...testRiskRules(risks.rules)];
  const failed = results.filter((one) => one.failure !== null);
  if (options.json) io.out(`${JSON.stringify({ problems, results }, null, 2)}\n`);
  else {
    for (const { file, path, message } of problems) io.out(`${file}${path === "" ? "" : `: ${path}`}: ${message}\n`);
    for (const one of results)
      io.out(
        `${one.failure === null ? "ok  " : "FAIL"} ${one.rule}: ${one.case}${one.failure === null ? "" : `: ${one.failure}`}\n`,
      );
    io.out(
      `${loaded.rules.length + risks.rules.length} rules, ${results.length - failed.length} cases passed, ${failed.length} failed\n`,
    );
  }
  return failed.length + problems.length === 0 ? EXIT.ok : EXIT.failed;
}
