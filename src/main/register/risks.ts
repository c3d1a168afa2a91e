import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "risks",
      "List weaknesses that manifests show, before any experiment.",
      "aftershock risks",
      async () => (await import("../commands/risks.ts")).risks,
    ),
  );
}
