import { join, resolve } from "node:path";
import { testRules } from "../../core/diagnose/cases.ts";
import { loadRules } from "../../core/diagnose/load.ts";
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
  const results = testRules(loaded.rules);
  const failed = results.filter((one) => one.failure !== null);
  if (options.json) io.out(`${JSON.stringify({ problems: loaded.problems, results }, null, 2)}\n`);
  else {
    for (const { file, path, message } of loaded.problems)
      io.out(`${file}${path === "" ? "" : `: ${path}`}: ${message}\n`);
    for (const one of results)
      io.out(
        `${one.failure === null ? "ok  " : "FAIL"} ${one.rule}: ${one.case}${one.failure === null ? "" : `: ${one.failure}`}\n`,
      );
    io.out(`${loaded.rules.length} rules, ${results.length - failed.length} cases passed, ${failed.length} failed\n`);
  }
  return failed.length + loaded.problems.length === 0 ? EXIT.ok : EXIT.failed;
}
