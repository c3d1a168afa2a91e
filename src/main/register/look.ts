import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "look",
      "Look at the damage that earlier experiments left, and say whether it is over.",
      "aftershock look",
      async () => (await import("../commands/look.ts")).look,
    ),
  );
}
