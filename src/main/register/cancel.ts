import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "cancel",
      "Stop one experiment and undo what it did.",
      'aftershock cancel go-app-pods-20260306T091500Z "wrong moment"',
      async () => (await import("../commands/close.ts")).cancel,
    ),
  )
    .argument("<experiment>", "its id")
    .argument("<why>", "the reason");
}
