import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "findings",
      "List the weaknesses that were found.",
      "aftershock findings",
      async () => (await import("../commands/findings.ts")).findings,
    ),
  );
}
