import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "worker",
      "Run experiments on their schedule until stopped.",
      "aftershock worker -c aftershock.yaml",
      async () => (await import("../commands/worker.ts")).worker,
    ),
  );
}
