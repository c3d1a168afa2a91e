import { RUN_EXITS } from "./exits.ts";
import type { Registry } from "./registry.ts";

/** Former name of the command, kept as an alias. */
const OLD_NAME = "look";

export function register({ configured, command, io }: Registry): void {
  configured(
    command(
      "follow-up",
      "Go on with open experiments: undo what is due, and say whether damage is over.",
      "aftershock follow-up",
      async () => (await import("../commands/follow-up.ts")).followUp,
    ),
  )
    .alias(OLD_NAME)
    .addHelpText("after", RUN_EXITS.followUp)
    .hook("preAction", (self) => {
      if (self.parent?.args[0] === OLD_NAME) io.err("`aftershock look` is called `aftershock follow-up` now.\n");
    });
}
