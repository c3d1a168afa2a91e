import { RUN_EXITS } from "./exits.ts";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "halt",
      "Stop all injection now, and undo active faults.",
      'aftershock halt "incident 4711"',
      async () => (await import("../commands/halt.ts")).halt,
    ),
  )
    .argument("<why>", "the reason, for those who read it later")
    .addHelpText("after", RUN_EXITS.halt);
}
