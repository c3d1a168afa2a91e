import { wholeNumber } from "./numbers.ts";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "services",
      "List services with what experiments said of them.",
      "aftershock services",
      async () => (await import("../commands/services.ts")).services,
    ),
  ).option("--days <n>", "so many days back", wholeNumber(1, 3_650), 90);
}
