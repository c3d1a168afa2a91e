import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "uninstall",
      "Undo active faults, stop all injection, and say what to delete.",
      "aftershock uninstall",
      async () => (await import("../commands/uninstall.ts")).uninstall,
    ),
  );
}
