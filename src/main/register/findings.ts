import { Argument } from "commander";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "findings",
      "List the weaknesses that were found; mute, accept or assign one.",
      'aftershock findings mute stale-connection:Deployment:go-app:go-app --until 2026-12-04 --why "the driver\'s next release"',
      async () => (await import("../commands/findings.ts")).findings,
    ),
  )
    .addArgument(new Argument("[action]", "left out: list them").choices(["mute", "unmute", "accept", "assign"]))
    .argument("[id]", "of the finding, or how it begins")
    .option("--until <date>", "mute: 2026-12-04 (that day included) or 2026-12-04T18:00, in the report's zone")
    .option("--why <text>", "mute, accept: the reason")
    .option("--to <owner>", "assign: a name, or a Slack id");
}
