import { OUTCOMES_WORST_FIRST } from "../../model/outcome.ts";
import { type CoverageLine, plainName, type WeeklyReport } from "../../model/weekly-report.ts";
import { counted } from "../../text/format.ts";
import {
  auditTexts,
  COVERAGE_WORD,
  confidenceOfSuspect,
  EVIDENCE_MEANS,
  falseAlarmText,
  findingHeadline,
  outcomeWord,
  ownerAndConfidence,
  recoveryText,
  refusalText,
  scoreText,
  shortTime,
  suspectText,
  trendText,
  trendValue,
  trendWord,
  unknownText,
  weekSpan,
} from "../../text/weekly.ts";
import { wrap } from "../../text/wrap.ts";
import { naturalImpact } from "./natural.ts";

/** The report as plain text for a terminal. Ends without a line break. */
export function renderText(report: WeeklyReport, width = 100): string {
  const parts = [
    headPart(report, width),
    experimentPart(report, width),
    naturalPart(report, width),
    findingPart(report, width),
    suspectPart(report, width),
    coveragePart(report, width),
    detectorPart(report, width),
    trendPart(report),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function headPart({ cluster, week, score, recovery, trend, madeAtMs }: WeeklyReport, width: number): string[] {
  const changed = trendText(trend);
  const soFar = madeAtMs < week.toMs ? `, so far (${shortTime(madeAtMs, week.timezone)})` : "";
  return [
    `Resilience report of ${cluster}, ${week.id}`,
    `${weekSpan(week)} (${week.timezone})${soFar}`,
    "",
    `${scoreText(score)}.`,
    unknownText(score),
    `Recovery: ${recoveryText(recovery)}.`,
    ...(changed === null ? [] : wrap(`${changed}.`, width, "")),
  ];
}

function experimentPart({ experiments: all, week }: WeeklyReport, width: number): string[] {
  const counts = [
    counted(all.planned, "slot"),
    `${all.injected} injected`,
    counted(all.shams, "sham"),
    `${all.refused} refused`,
    `${all.missed} missed`,
    ...(all.notInjected > 0 ? [`${all.notInjected} not injected`] : []),
    ...(all.running > 0 ? [`${all.running} still running`] : []),
  ];
  const outcomes = OUTCOMES_WORST_FIRST.filter((one) => all.byOutcome[one] > 0).map(
    (one) => `${all.byOutcome[one]} ${one}`,
  );
  return [
    "EXPERIMENTS",
    `  ${counts.join(" · ")}`,
    ...(outcomes.length > 0 ? [`  ${outcomes.join(" · ")}`] : []),
    ...all.lines.flatMap((line) => {
      const what = line.sham ? "sham" : line.fault;
      const tail = line.impact === "" ? "" : `  ${line.impact}`;
      const text = `${shortTime(line.atMs, week.timezone)}  ${outcomeWord(line).padEnd(13)}  ${what} ${line.target}${line.open ? " (still open)" : ""}${tail}`;
      return wrapKeepingColumns(text, width);
    }),
  ];
}

/** The list is in order of harm. */
const NATURAL_TOLD = 10;

function naturalPart({ natural, week }: WeeklyReport, width: number): string[] {
  if (natural.length === 0) return [];
  const more = natural.length - NATURAL_TOLD;
  return [
    "NATURAL FAILURES",
    ...natural.slice(0, NATURAL_TOLD).flatMap((line) => {
      const verdict = (line.outcome ?? "").padEnd(13);
      const text = `${shortTime(line.atMs, week.timezone)}  ${verdict}  ${line.died}, ${line.why}  ${naturalImpact(line)}`;
      return wrapKeepingColumns(text, width);
    }),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

/** Columns stay as they are on the first line; what is too long goes on below, indented. */
function wrapKeepingColumns(text: string, width: number): string[] {
  if (text.length + 2 <= width) return [`  ${text}`];
  const cut = text.lastIndexOf("  ");
  return [`  ${text.slice(0, cut)}`, ...wrap(text.slice(cut), width, "      ")];
}

function findingPart({ findings }: WeeklyReport, width: number): string[] {
  if (findings.length === 0) return ["FINDINGS", "  none"];
  return [
    "FINDINGS",
    ...findings.flatMap((line) => [
      ...wrap(findingHeadline(line), width, `  ${line.status.padEnd(10)}`, " ".repeat(12)),
      ...(line.status === "fixed" ? [] : wrap(ownerAndConfidence(line), width, " ".repeat(12))),
      ...(line.finding === null || line.status === "fixed"
        ? []
        : line.finding.advice.fix.flatMap((fix) => wrap(fix, width, `${" ".repeat(12)}- `, " ".repeat(14)))),
    ]),
  ];
}

/** The list is in order of evidence; what comes last is the least sure. */
const SUSPECTS_TOLD = 10;

function suspectPart({ suspects }: WeeklyReport, width: number): string[] {
  if (suspects.length === 0) return [];
  const more = suspects.length - SUSPECTS_TOLD;
  return [
    "WHAT GOT WORSE, AND HOW SURE THAT IS",
    ...suspects
      .slice(0, SUSPECTS_TOLD)
      .flatMap((one) => [...wrap(suspectText(one), width, "  "), ...wrap(confidenceOfSuspect(one), width, "    ")]),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...wrap(EVIDENCE_MEANS, width, "  "),
  ];
}

function coveragePart({ coverage, week }: WeeklyReport, width: number): string[] {
  const word = (line: CoverageLine): string => {
    if (line.state === "not-eligible") return `not eligible: ${line.why.join("; ")}`;
    const last = line.lastHitMs === null ? "" : `, last ${shortTime(line.lastHitMs, week.timezone)}`;
    return `${COVERAGE_WORD[line.state]}${line.hits > 1 ? ` (${line.hits} times)` : ""}${last}`;
  };
  const column = Math.max(0, ...coverage.lines.map(({ workload }) => plainName(workload).length)) + 2;
  return [
    "COVERAGE",
    `  ${coverage.hit} of ${counted(coverage.eligible, "eligible workload")} tested this week`,
    ...coverage.lines.flatMap((line) =>
      wrap(word(line), width, `  ${plainName(line.workload).padEnd(column)}`, " ".repeat(column + 2)),
    ),
  ];
}

function detectorPart({ falseAlarms, audit, refusals, missed, week }: WeeklyReport, width: number): string[] {
  return [
    "HOW FAR TO TRUST THIS",
    ...wrap(`${falseAlarmText(falseAlarms)}.`, width, "  "),
    ...auditTexts(audit, falseAlarms, week.timezone).flatMap((text) => wrap(`${text}.`, width, "  ")),
    ...refusals.flatMap((one) => wrap(refusalText(one), width, "  ", "    ")),
    ...missed.flatMap(({ atMs, why }) => wrap(`${shortTime(atMs, week.timezone)} missed: ${why}`, width, "  ", "    ")),
  ];
}

function trendPart({ trend }: WeeklyReport): string[] {
  if (trend === null) return [];
  return [
    `COMPARED WITH ${trend.week}`,
    ...trend.lines.map((line) => {
      const { label, unit, before, now } = line;
      const text = `  ${label.padEnd(28)}${trendValue(before, unit).padStart(12)} → ${trendValue(now, unit)}  ${trendWord(line)}`;
      return text.trimEnd();
    }),
  ];
}
