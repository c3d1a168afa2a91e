import type { Fault } from "../../core/model/fault.ts";
import {
  lowerMode,
  type MaxUnavailable,
  type Mode,
  type Policy,
  type Schedule,
  type WeightedFault,
} from "../../core/model/policy.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { FaultFile, PolicyFile } from "../schema/policy-schema.ts";

/** One policy as the core knows it; its mode is at most the global one. */
export function toPolicy(file: PolicyFile, global: { readonly mode: Mode; readonly timezone: string }): Policy {
  const { limits, target } = file;
  return {
    name: file.name,
    mode: lowerMode(global.mode, file.mode ?? global.mode),
    schedule: toSchedule(file.schedule, global.timezone),
    target: {
      namespaces: target.namespaces,
      kinds: target.kinds,
      labels: target.labels ?? [],
      excludeLabels: target.exclude.labels ?? [],
      names: target.names,
    },
    faults: toFaults(file.faults),
    limits: {
      perDay: limits.perDay,
      ...(limits.perNamespace === undefined ? {} : { perNamespace: limits.perNamespace }),
      ...(limits.perWorkload === undefined ? {} : { perWorkload: limits.perWorkload }),
      ...(limits.perService === undefined ? {} : { perService: limits.perService }),
      failedRequests: limits.failedRequests,
      cooldownMs: limits.cooldown,
      maxUnavailable: toMaxUnavailable(limits.maxUnavailable),
      singleReplica: limits.singleReplica,
      minAgeMs: limits.minAge,
      confirmations: limits.confirmations,
    },
  };
}

/** `1`: pods; `34%`: a share of them. */
export const toMaxUnavailable = (written: number | string): MaxUnavailable =>
  typeof written === "number"
    ? { unit: "pods", value: written }
    : { unit: "percent", value: Number.parseInt(written, 10) };

export const toFaults = (file: readonly FaultFile[]): readonly WeightedFault[] =>
  file.map((fault) => ({ fault: toFault(fault), weight: fault.weight }));

export function toSchedule(file: PolicyFile["schedule"], timezone: string): Schedule {
  return {
    timezone: file.timezone ?? timezone,
    shamShare: file.shamShare,
    when:
      file.cron === undefined
        ? { kind: "windows", windows: file.windows ?? [], perDay: file.perDay ?? 1 }
        : { kind: "cron", cron: file.cron, jitterMs: file.jitter ?? 0 },
  };
}

function toFault(file: FaultFile): Fault {
  switch (file.kind) {
    case "pod-delete":
    case "pod-evict":
    case "pod-kill":
      return { kind: file.kind };
    case "node-drain":
      return {
        kind: file.kind,
        durationMs: file.duration,
        ...(file.singleReplicas === "hit" ? { singleReplicas: file.singleReplicas } : {}),
      };
    case "zone-outage":
      return { kind: file.kind, durationMs: file.duration };
    case "http-abort":
      return { kind: file.kind, durationMs: file.duration, httpStatus: file.httpStatus, percent: file.percent };
    case "http-delay":
      return { kind: file.kind, durationMs: file.duration, delayMs: file.delay, percent: file.percent };
    default:
      return unreachable(file);
  }
}
