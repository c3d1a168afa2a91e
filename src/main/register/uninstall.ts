import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "uninstall",
      "Undo what stands in the cluster, stop all injection, and say what to delete.",
      "aftershock uninstall",
      async () => (await import("../commands/uninstall.ts")).uninstall,
    ),
  );
}
