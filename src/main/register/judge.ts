import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "judge",
      "Judge any past window, whatever the cause.",
      "aftershock judge --from 2026-03-06T09:15:00Z --to 2026-03-06T09:40:00Z",
      async () => (await import("../commands/judge.ts")).judgePast,
    ),
  )
    .option("--prometheus <url>", "judge what this Prometheus has; no configuration is read")
    .option("--token-file <file>", "file with the bearer token for --prometheus")
    .option("--tenant <id>", "tenant (X-Scope-OrgID) for --prometheus")
    .requiredOption("--from <time>", "when it began: ISO 8601")
    .option("--to <time>", "end of the window (default: now)")
    .option("--service <id>", "only this service: namespace/name");
}
