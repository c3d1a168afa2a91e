import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "close",
      "Declare the damage of an experiment over.",
      'aftershock close go-app-pods-20260306T091500Z "fixed by hand"',
      async () => (await import("../commands/close.ts")).close,
    ),
  )
    .argument("<experiment>", "its id")
    .argument("<why>", "the reason");
}
