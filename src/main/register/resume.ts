import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "resume",
      "Allow injection again after a halt.",
      "aftershock resume",
      async () => (await import("../commands/halt.ts")).resume,
    ),
  );
}
