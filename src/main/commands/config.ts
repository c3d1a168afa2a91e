import { closedDays } from "../../config/calendar/closed-days.ts";
import { describeConfig } from "../../config/load/describe.ts";
import { configJsonSchema } from "../../config/schema/json-schema.ts";
import { AftershockError } from "../../core/model/error.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, readConfig, systemNowMs } from "../setup/configured.ts";
import { diagnosisRules, riskRules } from "../setup/rules-folder.ts";

/**
 * `config check` says what was understood, or every problem at once; `config schema` prints the
 * JSON Schema for editors.
 */
export async function config(
  options: ConfiguredOptions & { readonly args: readonly string[] },
  io: Io,
): Promise<number> {
  const [action = ""] = options.args;
  if (action === "schema") {
    io.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return EXIT.ok;
  }
  if (action !== "check") throw new AftershockError("usage", `config ${action}: check or schema was expected`);
  const loaded = await readConfig(options, io);
  const { diagnosis, risks } = loaded.config.rules;
  const rules = await Promise.all([diagnosisRules(diagnosis), riskRules(risks)]);
  const broken = rules.flatMap(({ problems }) => problems);
  if (broken.length > 0)
    throw new AftershockError("rule-invalid", broken.join("\n"), {
      hint: "the worker goes on without these rules; aftershock rules test --folder FOLDER runs the cases of yours",
    });
  const nowMs = systemNowMs();
  const summary = { ok: true, hash: loaded.hash, closedDays: closedDays(loaded.config.calendar, nowMs) };
  io.out(options.json ? `${JSON.stringify(summary)}\n` : `${describeConfig(loaded.config, nowMs)}\n`);
  return EXIT.ok;
}
