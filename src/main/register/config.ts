import { Argument } from "commander";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "config",
      "Check the configuration and print what was understood.",
      "aftershock config check -c aftershock.yaml",
      async () => (await import("../commands/config.ts")).config,
    ),
  ).addArgument(new Argument("<action>", "schema prints the JSON Schema").choices(["check", "schema"]));
}
