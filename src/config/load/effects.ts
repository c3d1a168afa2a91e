import { DEFAULT_MINIMUM_EFFECT, type MinimumEffect, type ServiceEffect } from "../../core/model/policy.ts";
import type { ConfigFile } from "../schema/schema.ts";
import type { Config } from "./config.ts";

type EffectFile = { readonly [Key in keyof MinimumEffect]?: number | undefined };

const KEYS = ["failureShare", "excessFailures", "latencyRatio", "rateFall", "missingRequests"] as const;

/** `base` with what `file` says instead. */
function over(base: MinimumEffect, file: EffectFile): MinimumEffect {
  return Object.fromEntries(KEYS.map((key) => [key, file[key] ?? base[key]])) as Record<(typeof KEYS)[number], number>;
}

/** Each override complete: a service builds on its namespace's, that on the general one. */
export function toEffects(file: ConfigFile["effects"]): Config["effects"] {
  const minimum = over(DEFAULT_MINIMUM_EFFECT, file);
  const ofNamespace = (name: string): MinimumEffect => over(minimum, file.namespaces[name] ?? {});
  const overrides: ServiceEffect[] = [
    ...Object.entries(file.services).map(([services, effect]) => ({
      services,
      effect: over(ofNamespace(services.slice(0, services.indexOf("/"))), effect),
    })),
    ...Object.keys(file.namespaces).map((name) => ({ services: `${name}/*`, effect: ofNamespace(name) })),
  ];
  return { minimum, overrides };
}
