import { describeConfig } from "../../config/load/describe.ts";
import { configJsonSchema } from "../../config/schema/json-schema.ts";
import { AftershockError } from "../../core/model/error.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, readConfig } from "../setup/configured.ts";

/** `config check` says what was understood, or every problem at once; `config schema` prints the JSON Schema for editors. */
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
  io.out(options.json ? `${JSON.stringify({ ok: true, hash: loaded.hash })}\n` : `${describeConfig(loaded.config)}\n`);
  return EXIT.ok;
}
