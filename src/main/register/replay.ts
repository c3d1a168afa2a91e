import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "replay",
      "Judge a recorded experiment again from its stored counts.",
      "aftershock replay go-app-pods-20260306T091500Z",
      async () => (await import("../commands/replay.ts")).replayExperiment,
    ),
  ).argument("<experiment>", "its id");
}
