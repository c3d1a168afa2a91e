import { wholeNumber } from "./numbers.ts";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "experiments",
      "List experiments, the newest first.",
      "aftershock experiments --all",
      async () => (await import("../commands/experiments.ts")).experiments,
    ),
  )
    .option("--days <n>", "so many days back", wholeNumber(1, 3_650), 30)
    .option("--all", "those that were refused or missed, too");
}
