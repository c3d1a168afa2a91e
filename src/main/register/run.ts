import { RUN_EXITS } from "./exits.ts";
import { MAX_SEED, wholeNumber } from "./numbers.ts";
import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "run",
      "Run one experiment now and say what it did.",
      "aftershock run --policy go-app-pods --once",
      async () => (await import("../commands/run.ts")).run,
    ),
  )
    .requiredOption("-p, --policy <name>", "policy of the configuration")
    .option("--once", "one experiment now (the default; kept explicit in CronJobs)")
    .option("--target <workload>", "hit this workload: namespace/name")
    .option("--fault <kind>", "use this fault of the policy")
    .option("--seed <n>", "seed of every random choice; recorded in any case", wholeNumber(0, MAX_SEED))
    .option("--sham", "inject nothing and do everything else")
    .option("--dry-run", "say what would be hit, without hitting it")
    .option("--refused-ok", "exit 0 when a gate refuses (for CronJobs)")
    .addHelpText("after", RUN_EXITS.run);
}
