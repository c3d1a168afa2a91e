import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "report",
      "Print the resilience report of a week.",
      "aftershock report --week 2026-W10",
      async () => (await import("../commands/report.ts")).report,
    ),
  )
    .option("--week <week>", "ISO week (default: the current one)")
    .option("--html <file>", "write the report as one HTML page");
}
