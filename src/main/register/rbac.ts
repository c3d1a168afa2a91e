import type { Registry } from "./registry.ts";

export function register({ configured, command }: Registry): void {
  configured(
    command(
      "rbac",
      "Print the least rights that this configuration needs.",
      "aftershock rbac | kubectl apply -f -",
      async () => (await import("../commands/rbac.ts")).rbac,
    ),
  );
}
