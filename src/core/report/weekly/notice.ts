import type { WeeklyReport } from "../../model/weekly-report.ts";
import { counted } from "../../text/format.ts";
import type { Notice } from "../../text/notice.ts";
import { weekSentence } from "../../text/week-page.ts";
import {
  auditTexts,
  falseAlarmText,
  findingHeadline,
  ownerAndConfidence,
  recoveryText,
  refusalText,
  scoreText,
  trendText,
  unknownText,
  weekSpan,
} from "../../text/weekly.ts";

/**
 * The week in one message: the score, what is new, what is still open; everything else is on the
 * page.
 */
export function weeklyNotice(report: WeeklyReport, link: string | null): Notice {
  const { cluster, week, experiments, natural, findings, score, recovery, refusals } = report;
  const trend = trendText(report.trend);
  const [refusedMost] = refusals;
  const told = findings.filter(({ status }) => status !== "known");
  const known = findings.length - told.length;
  return {
    kind: "weekly",
    key: `weekly:${cluster}:${week.id}`,
    experimentId: null,
    severity: severityOf(report),
    title: `Resilience report ${week.id}: ${cluster}`,
    cause: `${weekSentence(report)} ${scoreText(score)}.`,
    summary: [
      `${weekSpan(week)}.`,
      `${scoreText(score)}.`,
      unknownText(score),
      `${counted(experiments.injected, "fault")} injected, ${counted(experiments.shams, "sham")}, ${experiments.refused} refused, ${experiments.missed} missed.`,
      ...(natural.length > 0 ? [`${counted(natural.length, "natural failure")}.`] : []),
      `Recovery: ${recoveryText(recovery)}.`,
      ...(trend === null ? [] : [`${trend}.`]),
    ].join(" "),
    impact: openDamage(report),
    findings: told.map((line) => ({
      title: findingHeadline(line),
      why: line.status === "fixed" ? "" : `${ownerAndConfidence(line)}.`,
      now: null,
      fix: line.status === "fixed" ? [] : (line.finding?.advice.fix.slice(0, 1) ?? []),
      status: line.status,
    })),
    context: [
      ...(known > 0 ? [`${counted(known, "known finding")} still open.`] : []),
      ...(refusedMost === undefined ? [] : [`${refusalText(refusedMost)}.`]),
      `${falseAlarmText(report.falseAlarms)}.`,
      ...auditTexts(report.audit, report.falseAlarms, week.timezone).map((text) => `${text}.`),
    ],
    link,
  };
}

/** Whoever caused it. */
function openDamage({ experiments, natural }: WeeklyReport): Notice["impact"] {
  return [
    ...experiments.lines
      .filter(({ open }) => open)
      .map(({ target, impact }) => ({ service: target, line: `still open since its loss: ${impact}` })),
    ...natural
      .filter(({ open }) => open)
      .map(({ died, impact }) => ({ service: died, line: `still open since it was lost: ${impact}` })),
  ];
}

function severityOf(report: WeeklyReport): Notice["severity"] {
  const { experiments, findings, audit } = report;
  if (openDamage(report).length > 0) return "bad";
  if (audit.overdueSinceMs !== null) return "warning";
  if (findings.some(({ status }) => status === "new" || status === "regressed")) return "warning";
  return experiments.injected === 0 ? "info" : "good";
}
