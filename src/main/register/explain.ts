import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "explain",
      "Tell everything about one experiment.",
      "aftershock explain go-app-pods-20260306T091500Z",
      async () => (await import("../commands/explain.ts")).explain,
    ),
  ).argument("<experiment>", "its id");
}
