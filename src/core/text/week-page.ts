import type { FindingLine, ServiceLine, WeeklyReport } from "../model/weekly-report.ts";
import { counted, formatCount, formatDuration, formatShare, someNames } from "./format.ts";
import { risksText } from "./risk.ts";
import { shortService } from "./subject.ts";
import { FEWEST_FOR_MEDIAN, falseAlarmText, findingHeadline } from "./weekly.ts";

/** The sentence of the week, for somebody who reads no other. */
export function weekSentence(report: WeeklyReport): string {
  const { experiments, score } = report;
  const worst = experiments.lines.find(({ outcome }) => outcome === "not recovered");
  if (worst !== undefined) return brokenSentence(report, worst);
  if (score.share === null) return "Nothing was tested, so nothing is known.";
  const recovered = experiments.lines.filter(({ outcome }) => outcome === "recovered").length;
  if (recovered === 0) return "No fault affected any service.";
  return `Every service recovered by itself; ${counted(costOf(report).experiments, "request")} failed in ${counted(recovered, "experiment")}.`;
}

function brokenSentence({ findings }: WeeklyReport, worst: WeeklyReport["experiments"]["lines"][number]): string {
  const service = shortService(worst.impact.split(": ")[0] ?? worst.target);
  const lost = shortService(worst.target);
  const open = findings.filter(
    ({ finding, status }) => status !== "fixed" && finding?.service?.endsWith(`/${service}`),
  );
  // what has a command that helps now is why the service did not come back
  const line = open.find(({ finding }) => finding?.advice.now != null) ?? open[0];
  const restarted = line?.finding?.advice.now?.includes("rollout restart") ? " until it is restarted" : "";
  const fix = line?.finding?.advice.fix[0]?.split(/[:;.]/)[0];
  return [
    `${service} stays broken${restarted} when ${lost} loses a pod.`,
    ...(fix === undefined ? [] : [`Fix: ${fix.charAt(0).toLowerCase()}${fix.slice(1)}.`]),
    ...(line?.owner == null ? [] : [`Owner: ${line.owner}.`]),
  ].join(" ");
}

/** Requests that failed beyond expectation, in experiments and in natural failures. */
export const costOf = ({ experiments, natural }: WeeklyReport) => ({
  experiments: experiments.lines.reduce((sum, one) => sum + one.failed, 0),
  natural: natural.reduce((sum, one) => sum + one.failed, 0),
});

export function costText(report: WeeklyReport): string {
  const { experiments, natural } = costOf(report);
  return `Failed requests: ${formatCount(experiments)} in experiments, ${formatCount(natural)} in natural failures`;
}

/** `24 s, 31 s`; of five and more the median. */
export function recoveriesText(recoveriesMs: readonly number[]): string {
  if (recoveriesMs.length < FEWEST_FOR_MEDIAN) return recoveriesMs.map(formatDuration).join(", ");
  const middle = recoveriesMs.length / 2;
  const medianMs = (recoveriesMs[Math.ceil(middle) - 1]! + recoveriesMs[Math.floor(middle)]!) / 2;
  return `median ${formatDuration(medianMs)}`;
}

/**
 * The cells of one service: tested, unaffected, recovered with times and cost, not recovered,
 * unknown.
 */
export const serviceCells = (line: ServiceLine): readonly string[] => [
  formatCount(line.tested),
  formatCount(line.unaffected),
  line.recovered === 0 ? "0" : `${line.recovered} (${recoveriesText(line.recoveriesMs)})`,
  formatCount(line.notRecovered),
  formatCount(line.unknown),
  line.failed < 1e7 ? formatCount(line.failed) : `${formatCount(Math.round(line.failed / 1e6))} M`,
];

/** Damage that is still open, whoever caused it. */
export const openTexts = ({ experiments, natural }: WeeklyReport): readonly string[] => [
  ...experiments.lines.filter(({ open }) => open).map(({ target, impact }) => `${impact} since ${target} was hit`),
  ...natural.filter(({ open }) => open).map(({ died, impact }) => `${impact} since ${died} failed`),
];

/** `new: go-app does not reconnect to go-app-db (owner: payments)`; `muted: …`. */
export const findingText = (line: FindingLine): string =>
  `${quietWord(line) ?? line.status}: ${findingHeadline(line)}${line.owner == null ? "" : ` (owner: ${line.owner})`}`;

const quietWord = ({ handling }: FindingLine): string | null =>
  handling == null ? null : handling.muted !== null ? "muted" : handling.accepted !== null ? "accepted" : null;

export function neverTestedText({ coverage }: WeeklyReport): string {
  const never = coverage.lines
    .filter(({ state }) => state === "never")
    .map(({ workload }) => `${workload.namespace}/${workload.name}`);
  return never.length === 0 ? "Never tested: none" : `Never tested: ${someNames(never)}`;
}

/** `From manifests: 1 risk confirmed, 12 untested`; null where nobody looked, or there is none. */
export const knownRisksText = ({ risks }: WeeklyReport): string | null =>
  risks === undefined || risks.length === 0 ? null : `From manifests: ${risksText(risks)}`;

export function planText({ next }: WeeklyReport): string | null {
  if (next == null) return null;
  return next.slots === 0
    ? "Next week: nothing is planned"
    : `Next week: ${counted(next.slots, "slot")} (${counted(next.shams, "sham")}) of ${someNames(next.policies)}`;
}

/** One line of trust: shams, false alarms, interval. */
export const trustText = ({ audit, falseAlarms }: WeeklyReport): string => {
  if (audit.shams.of <= falseAlarms.of) return falseAlarmText(falseAlarms);
  return `${falseAlarmText(audit.shams)}; at most ${formatShare(audit.promised)} are promised`;
};

/** Slots that came to nothing, by reason. */
export const unusedTexts = ({ refusals, missed }: WeeklyReport): readonly string[] => [
  ...refusals.map(({ gate, count }) => `${counted(count, "slot")} refused by ${gate}`),
  ...(missed.length === 0 ? [] : [`${counted(missed.length, "slot")} missed: nothing ran then`]),
];
