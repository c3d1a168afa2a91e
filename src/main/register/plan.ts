import { wholeNumber } from "./numbers.ts";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "plan",
      "Show the next slots, or what they could hit.",
      "aftershock plan --days 3",
      async () => (await import("../commands/plan.ts")).plan,
    ),
  )
    .option("--days <n>", "how far ahead", wholeNumber(1, 366), 7)
    .option("--what-if", "what can be hit, and the worst case for each service");
}
