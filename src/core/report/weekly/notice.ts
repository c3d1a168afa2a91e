import type { Notice } from "../notice.ts";
import { counted } from "../words.ts";
import type { WeeklyReport } from "./model.ts";
import {
  auditTexts,
  falseAlarmText,
  findingHeadline,
  recoveryText,
  scoreText,
  unknownText,
  weekSpan,
} from "./words.ts";

/** The week in one message: the score, what is new, what is still open; everything else is on the page. */
export function weeklyNotice(report: WeeklyReport, link: string | null): Notice {
  const { cluster, week, experiments, findings, score, recovery } = report;
  const open = experiments.lines.filter((line) => line.open);
  const told = findings.filter(({ status }) => status !== "known");
  const known = findings.length - told.length;
  return {
    kind: "weekly",
    key: `weekly:${cluster}:${week.id}`,
    experimentId: null,
    severity: severityOf(report),
    title: `Resilience report ${week.id}: ${cluster}`,
    summary: [
      `${weekSpan(week)}.`,
      `${scoreText(score)}.`,
      unknownText(score),
      `${counted(experiments.injected, "fault")} injected, ${counted(experiments.shams, "control")}, ${experiments.refused} refused, ${experiments.missed} missed.`,
      `Recovery: ${recoveryText(recovery)}.`,
    ].join(" "),
    impact: open.map((line) => ({ service: line.target, line: `still open since its loss: ${line.impact}` })),
    findings: told.map((line) => ({
      title: findingHeadline(line),
      why: "",
      now: null,
      fix: line.status === "fixed" ? [] : (line.finding?.advice.fix.slice(0, 1) ?? []),
      status: line.status,
    })),
    context: [
      ...(known > 0 ? [`${counted(known, "known weakness")} still there.`] : []),
      `${falseAlarmText(report.falseAlarms)}.`,
      ...auditTexts(report.audit, report.falseAlarms, week.timezone).map((text) => `${text}.`),
    ],
    link,
  };
}

function severityOf({ experiments, findings, audit }: WeeklyReport): Notice["severity"] {
  if (experiments.lines.some(({ open }) => open)) return "bad";
  if (audit.overdueSinceMs !== null) return "warning";
  if (findings.some(({ status }) => status === "new" || status === "regressed")) return "warning";
  return experiments.injected === 0 ? "info" : "good";
}
