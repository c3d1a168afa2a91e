import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "journal",
      "Export or import the journal as JSON lines.",
      "aftershock journal export > journal.jsonl",
      async () => (await import("../commands/journal.ts")).journal,
    ),
  )
    .argument("<action>", "export or import")
    .argument("[file]", "where to write or read (default: standard output, standard input)");
}
