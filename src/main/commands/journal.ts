import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { exportJournal, importJournal } from "../../app/records/transfer-journal.ts";
import { AftershockError } from "../../core/model/error.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, openJournal } from "../setup/configured.ts";

/** Writes the journal as JSON lines, or reads such lines into an empty one. */
export async function journal(
  options: ConfiguredOptions & { readonly args: readonly string[] },
  io: Io,
): Promise<number> {
  const [action = "", file] = options.args;
  if (action !== "export" && action !== "import")
    throw new AftershockError("usage", `journal ${action}: export or import was expected`);
  await using opened = await openJournal(options, io);
  if (action === "import") {
    const lines = createInterface({
      input: file === undefined ? process.stdin : createReadStream(resolve(io.cwd, file)),
    });
    const read = await importJournal(opened.journal, lines);
    io.out(options.json ? `${JSON.stringify(read)}\n` : `${JSON.stringify(read)}\n`);
    return EXIT.ok;
  }
  if (file === undefined) for await (const line of exportJournal(opened.journal)) io.out(`${line}\n`);
  else {
    const lines: string[] = [];
    for await (const line of exportJournal(opened.journal)) lines.push(`${line}\n`);
    await writeFile(resolve(io.cwd, file), lines);
  }
  return EXIT.ok;
}
