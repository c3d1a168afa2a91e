import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "rules",
      "Run the test cases of the diagnosis rules.",
      "aftershock rules test",
      async () => (await import("../commands/rules.ts")).rules,
    ),
  )
    .argument("<action>", "test")
    .option("--folder <path>", "a folder of your own rules");
}
