import type { Policy, Schedule, WeeklyWindow } from "../../src/core/model/policy.ts";
import { WEEKDAYS } from "../../src/core/model/policy.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";

export const OFFICE_HOURS: WeeklyWindow = { days: WEEKDAYS.slice(0, 5), fromMinute: 9 * 60, toMinute: 17 * 60 };

export function windowsSchedule(
  windows: readonly WeeklyWindow[],
  perDay: number,
  changes: Partial<Schedule> = {},
): Schedule {
  return { timezone: "Europe/Berlin", shamShare: 0.15, ...changes, when: { kind: "windows", windows, perDay } };
}

export function cronSchedule(cron: string, jitterMs: number, timezone = "Europe/Berlin"): Schedule {
  return { timezone, shamShare: 0, when: { kind: "cron", cron, jitterMs } };
}

/** An armed policy for the namespace go-app that may hit single replicas. */
export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    name: "go-app-pods",
    mode: "inject",
    schedule: windowsSchedule([OFFICE_HOURS], 6),
    target: { namespaces: ["go-app"], kinds: ["Deployment", "StatefulSet"], labels: [], excludeLabels: [], names: [] },
    faults: [{ fault: { kind: "pod-delete" }, weight: 1 }],
    limits: {
      perDay: 12,
      cooldownMs: 30 * MINUTE_MS,
      maxUnavailable: { unit: "percent", value: 34 },
      singleReplica: "allow",
      minAgeMs: 10 * MINUTE_MS,
    },
    ...changes,
  };
}
