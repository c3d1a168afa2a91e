import { RUN_EXITS } from "./exits.ts";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "doctor",
      "Check Prometheus, the mesh's labels, traffic, rights, storage and messages.",
      "aftershock doctor -c aftershock.yaml",
      async () => (await import("../commands/doctor.ts")).doctor,
    ),
  )
    .option("--wait <time>", "look again, at most so long, until every check is ok; for proxies that have just begun")
    .option("--prometheus <url>", "look at this Prometheus alone; no configuration is read")
    .option("--token-file <file>", "file with the bearer token for --prometheus")
    .option("--tenant <id>", "tenant (X-Scope-OrgID) for --prometheus")
    .addHelpText("after", RUN_EXITS.doctor);
}
