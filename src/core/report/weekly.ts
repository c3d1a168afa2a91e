import { suspectsOf } from "../experiment/suspects.ts";
import type { WeeklyReport } from "../model/weekly-report.ts";
import { coverageOf } from "./weekly/coverage.ts";
import { experimentsOf } from "./weekly/experiments.ts";
import { missedOf, recoveryOf, refusalsOf, scoreOf } from "./weekly/figures.ts";
import { findingsOf } from "./weekly/findings.ts";
import type { WeeklyInput } from "./weekly/input.ts";
import { isNatural, naturalOf } from "./weekly/natural.ts";
import { falseAlarmsOf, selfAudit } from "./weekly/self-audit.ts";
import { servicesOf } from "./weekly/services.ts";
import { trendOf } from "./weekly/trend.ts";

/**
 * Puts one week together from its journal: data, no markup. The same input gives the same report.
 */
export function weeklyReport(input: WeeklyInput): WeeklyReport {
  const { cluster, week, nowMs, experiments } = input;
  const coverage = coverageOf(input);
  const known = [...(input.earlier ?? []), ...experiments];
  const suspects = suspectsOf(known);
  const figures = {
    cluster,
    week,
    madeAtMs: nowMs,
    experiments: experimentsOf(
      experiments.filter((state) => !isNatural(state)),
      nowMs,
    ),
    services: servicesOf(experiments, nowMs),
    next: input.next ?? null,
    natural: naturalOf(experiments, nowMs),
    coverage,
    findings: findingsOf(input, suspects),
    ...(input.risks == null ? {} : { risks: input.risks.map(({ title, state }) => ({ title, state })) }),
    suspects,
    recovery: recoveryOf(experiments, nowMs),
    refusals: refusalsOf(experiments),
    missed: missedOf(experiments),
    falseAlarms: falseAlarmsOf(experiments),
    audit: selfAudit(known, week.toMs),
    score: { ...scoreOf(experiments, coverage.lines), ...(input.inventory === null ? { unread: true as const } : {}) },
  };
  return { ...figures, trend: trendOf(figures, input.previous) };
}

export type { WeeklyReport } from "../model/weekly-report.ts";
export type { WeeklyInput } from "./weekly/input.ts";
export { weeklyNotice } from "./weekly/notice.ts";
export { renderText } from "./weekly/text.ts";
