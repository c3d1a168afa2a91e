import type { OtherMinutes, Suspect } from "../model/suspect.ts";
import { DAY_MS } from "../model/units.ts";
import type { VerdictKind } from "../model/verdict.ts";
import type {
  Confidence,
  CoverageLine,
  ExperimentLine,
  FindingLine,
  MedianRecovery,
  MinuteAudit,
  Score,
  SelfAudit,
  ShareOf,
  TrendLine,
  Week,
  WeeklyReport,
} from "../model/weekly-report.ts";
import { counted, formatCount, formatDuration, formatShare, formatTime } from "./format.ts";

/**
 * Sentences that the page, the text and the message share, so that they never say different things.
 */

/** `2 to 8 March 2026`. */
export function weekSpan({ fromMs, toMs, timezone }: Week): string {
  const part = (atMs: number, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat("en-GB", { timeZone: timezone, ...options }).format(atMs);
  const full = { day: "numeric", month: "long", year: "numeric" } as const;
  // half a day before the end lies on Sunday whatever the clocks did
  const lastMs = toMs - DAY_MS / 2;
  const same = (field: Intl.DateTimeFormatOptions): boolean => part(fromMs, field) === part(lastMs, field);
  const { year, ...inOneYear } = full;
  const from = !same({ year }) ? full : same({ month: "long" }) ? ({ day: "numeric" } as const) : inOneYear;
  return `${part(fromMs, from)} to ${part(lastMs, full)}`;
}

const range = (low: number, high: number): string => `${formatShare(low)} to ${formatShare(high)}`;

const testedOf = ({ unaffected, recovered, notRecovered }: Score): number => unaffected + recovered + notRecovered;

/**
 * `Of 3 tested workloads: 1 unaffected by every fault (33 %; 95 % interval 6.1 % to 79 %), 1
 * recovered, 1 not recovered`.
 */
export function scoreText(score: Score): string {
  const { unaffected, recovered, notRecovered, share } = score;
  if (share === null) return "Nothing was tested, so nothing is known";
  const bounds = `${formatShare(share.point)}; 95 % interval ${range(share.low, share.high)}`;
  return `Of ${counted(testedOf(score), "tested workload")}: ${unaffected} unaffected by every fault (${bounds}), ${recovered} recovered, ${notRecovered} not recovered`;
}

export function unknownText(score: Score): string {
  const { unknown, excluded, unread } = score;
  if (unread) return "The cluster could not be read: which workloads were not tested is not known.";
  if (testedOf(score) + unknown === 0) return "No policy selects any workload.";
  if (unknown === 0) return "Every workload was tested.";
  const told = `${counted(unknown, "workload")} ${unknown === 1 ? "was" : "were"} not tested`;
  if (excluded === unknown) return `${told}: not eligible for any policy. Unknown, neither good nor bad.`;
  const barred = excluded === 0 ? "" : ` (${excluded} not eligible)`;
  return `${told}, or the outcome is unknown${barred}. Unknown is neither good nor bad.`;
}

/** Fewer durations than this are listed, not summarised. */
export const FEWEST_FOR_MEDIAN = 5;

/**
 * What a median can honestly say when some recoveries have not happened yet; of few disturbances
 * each: `24 s, 17 min, 1 not recovered yet`.
 */
export function recoveryText({ medianMs, lowMs, highMs, durationsMs, ended, censored }: MedianRecovery): string {
  const total = ended + censored;
  if (total === 0) return "Nothing got worse, so there was nothing to recover from";
  const open = censored === 0 ? "" : `, ${censored} not recovered yet`;
  if (total < FEWEST_FOR_MEDIAN) {
    return ended === 0 ? open.slice(2) : `${durationsMs.map(formatDuration).join(", ")}${open}`;
  }
  if (medianMs === null) return `Median not reached: ${censored} of ${total} had not recovered`;
  const bounds = `95 % interval ${lowMs === null ? "?" : formatDuration(lowMs)} to ${highMs === null ? "longer than anything seen" : formatDuration(highMs)}`;
  return `Median ${formatDuration(medianMs)} (${bounds}; ${counted(total, "disturbance")}${open})`;
}

export function falseAlarmText({ count, of, share }: ShareOf): string {
  if (share === null) return "No sham was judged, so the error rate of this week is not known";
  return `${count} of ${counted(of, "sham")} raised a false alarm (${formatShare(share.point)}; 95 % interval ${range(share.low, share.high)})`;
}

/**
 * What months of shams say of the detector, a sentence each; nothing where they say no more than
 * `week`.
 */
export function auditTexts(
  { shams, promised, fromMs, overdueSinceMs, finalLooks, minutes }: SelfAudit,
  week: ShareOf,
  timezone: string,
): string[] {
  const day = (atMs: number): string => formatTime(atMs, timezone).slice(0, 10);
  const { share, count, of } = shams;
  const texts: string[] = [];
  if (overdueSinceMs !== null)
    texts.push(
      `The detector alarms more often than promised (${formatShare(promised)} of the shams) since ${day(overdueSinceMs)}: doubt its verdicts, and look at what the shams found`,
    );
  if (minutes.unevenSinceMs !== null) texts.push(`Since ${day(minutes.unevenSinceMs)} ${UNEVEN_MINUTES}`);
  if (share !== null && fromMs !== null && of > week.of)
    texts.push(
      `Since ${day(fromMs)}: ${count} of ${counted(of, "sham")} (${formatShare(share.point)}; 95 % interval ${range(share.low, share.high)}; promised: at most ${formatShare(promised)})`,
    );
  if (finalLooks.of > 0)
    texts.push(
      `${finalLooks.withdrawn} of ${counted(finalLooks.of, "verdict")} that could be compared with other instants ${finalLooks.withdrawn === 1 ? "was" : "were"} taken back`,
    );
  const compared = minuteAuditText(minutes);
  if (compared !== null) texts.push(compared);
  return texts;
}

/** What may be wrong when the minutes of shams are not like others. */
export const UNEVEN_MINUTES =
  "the minutes of the shams are not like the others from which they were drawn: look for what else runs at the same minutes";

/**
 * `The minutes of 34 shams looked worse than 48 % of the others that could have been drawn (a half
 * is expected; p = 0.62)`; null without any.
 */
export function minuteAuditText({ shams, worseThan, p }: MinuteAudit): string | null {
  if (worseThan === null || p === null) return null;
  const chance = p < 0.001 ? "p < 0.001" : `p = ${Number(p.toPrecision(2))}`;
  return `The minutes of ${counted(shams, "sham")} looked worse than ${formatShare(worseThan)} of the others that could have been drawn (a half is expected; ${chance})`;
}

export const COVERAGE_WORD: Readonly<Record<CoverageLine["state"], string>> = {
  hit: "tested this week",
  "hit-before": "tested before",
  never: "never tested",
  "not-eligible": "not eligible",
};

/** The outcome of an experiment in a list; of a sham, whether it is a false alarm. */
export function outcomeWord({ outcome, falseAlarm, sham }: Pick<ExperimentLine, "outcome" | "falseAlarm" | "sham">) {
  if (outcome !== null) return outcome;
  if (falseAlarm !== null) return falseAlarm ? "false alarm" : "no effect";
  return sham ? "unknown" : "cancelled";
}

export const VERDICT_WORD: Readonly<Record<VerdictKind, string>> = {
  steady: "steady",
  transient: "transient",
  "slow-recovery": "slow recovery",
  persistent: "persistent",
  unresolved: "unresolved",
  inconclusive: "inconclusive",
};

/** A finding's headline; where nobody wrote it down, what it is and where. */
export const findingHeadline = ({ finding, title, weakness, workload }: FindingLine): string =>
  finding?.title ?? title ?? `${weakness.replaceAll("-", " ")}: ${workload.split("/").slice(1).join("/")}`;

/**
 * `confirmed: shown by 3 of 4 experiments, evidence 2,500 to 1; of 10,000 choices of the minutes of
 * 3 later experiments, 3 would have looked as bad`.
 */
export function confidenceText({ standing, shown, runs, evidence, minutes }: Confidence): string {
  const against = evidence >= 1 ? `evidence ${formatCount(evidence)} to 1` : "more likely chance";
  const others = minutes == null ? "" : `; ${otherMinutesText(minutes)}`;
  return `${standing}: shown by ${shown} of ${counted(runs, "experiment")}, ${against}${others}`;
}

/** Whose weakness it is, and how sure that is: `Deployment go-app/go-app; suspected: …`. */
export const ownerAndConfidence = ({ workload, confidence }: Pick<FindingLine, "workload" | "confidence">): string =>
  [workload.replace("/", " "), ...(confidence == null ? [] : [confidenceText(confidence)])].join("; ");

/** What the numbers of `confidenceText` mean; docs/how-verdicts-are-made.md has the whole of it. */
export const EVIDENCE_MEANS =
  "For one suspect, chance alone reaches evidence of 100 to 1 at most once in 100 times. Confirmed is what two experiments at least have shown, and so clearly among all suspects that at most 1 % of what is confirmed is expected to be wrong.";

/** A share is counted among so many, the fewest of which it is at least one. */
const AMONG = [100, 10_000, 1_000_000] as const;

function otherMinutesText({ share, runs }: OtherMinutes): string {
  const among = AMONG.find((n) => share * n >= 1);
  const choices = `of ${formatCount(among ?? 1_000_000)} choices of the minutes of ${counted(runs, "later experiment")}`;
  return `${choices}, ${among === undefined ? "fewer than 1" : formatCount(share * among)} would have looked as bad`;
}

/** `go-app/go-app: failures after pod-delete of go-app/go-app-db`. */
export const suspectText = ({ service, signal, fault, workload }: Suspect): string =>
  `${service}: ${SIGNAL_WORD[signal]} after ${fault} of ${workload.namespace}/${workload.name}`;

const SIGNAL_WORD: Readonly<Record<Suspect["signal"], string>> = {
  failures: "failures",
  latency: "slower answers",
  rate: "fewer requests",
  connections: "failed connections",
};

export const confidenceOfSuspect = ({ standing, shownBy, runs, evidence, minutes }: Suspect): string =>
  confidenceText({ standing, shown: shownBy.length, runs, evidence, minutes });

/**
 * `better`, `worse`, `too few to tell`; empty where neither direction is good or nothing changed.
 */
export function trendWord({ better, unsure }: TrendLine): string {
  if (unsure) return "too few to tell";
  if (better === null) return "";
  return better ? "better" : "worse";
}

/** What changed for better or worse, in one sentence; null without a week to compare with. */
export function trendText(trend: WeeklyReport["trend"]): string | null {
  if (trend === null) return null;
  const changed = trend.lines.flatMap((line) => {
    const word = trendWord(line);
    return word === ""
      ? []
      : `${line.label} ${trendValue(line.before, line.unit)} → ${trendValue(line.now, line.unit)} (${word})`;
  });
  return changed.length === 0 ? `As in ${trend.week}` : `Compared with ${trend.week}: ${changed.join(", ")}`;
}

/** `calendar refused 3 slots, last: …` */
export const refusalText = ({ gate, count, why }: WeeklyReport["refusals"][number]): string =>
  `${gate} refused ${counted(count, "slot")}, last: ${why}`;

export function trendValue(value: number | null, unit: TrendLine["unit"]): string {
  if (value === null) return "–";
  if (unit === "share") return formatShare(value);
  return unit === "ms" ? formatDuration(value) : formatCount(value);
}

export const shortTime = (atMs: number, timezone: string): string => formatTime(atMs, timezone).slice(0, 16);
