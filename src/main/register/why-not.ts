import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "why-not",
      "Say of every workload whether it can be hit, and why not.",
      "aftershock why-not go-app/go-app-db",
      async () => (await import("../commands/why-not.ts")).whyNot,
    ),
  ).argument("[workload]", "only this one: namespace/name");
}
