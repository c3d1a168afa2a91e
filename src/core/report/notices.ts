import { isQuiet } from "../diagnose/handling.ts";
import type { ServiceId } from "../model/cluster.ts";
import { degradedServices, isOpen } from "../model/degraded.ts";
import type { ExperimentId, ExperimentState } from "../model/experiment.ts";
import type { Finding, Handling } from "../model/finding.ts";
import { outcomeOf } from "../model/outcome.ts";
import { type SignalVerdict, VERDICTS_WORST_FIRST, type VerdictKind } from "../model/verdict.ts";
import { someNames } from "../text/format.ts";
import { handlingTexts } from "../text/handling.ts";
import { impactLine, impactTitle, quantilesText, shortImpact } from "../text/impact.ts";
import type { Link } from "../text/link.ts";
import { moment } from "../text/moment.ts";
import type { Audience, Notice } from "../text/notice.ts";
import { outcomeText } from "../text/outcome.ts";
import { shortService, whatTheExperimentDid } from "../text/subject.ts";
import { smallPrint } from "./small-print.ts";

/** One experiment, and what its reader already knows. */
export interface NoticeInput {
  readonly id: ExperimentId;
  readonly state: ExperimentState;
  /** Several clusters may share a channel. */
  readonly cluster: string;
  /**
   * Worst verdict of each service when the same workload was last hit and judged; null when it
   * never was.
   */
  readonly previous: ReadonlyMap<ServiceId, VerdictKind> | null;
  /** Address of the experiment's page, or null when there is no dashboard to point to. */
  readonly link: string | null;
  /** To other tools; absent: none. */
  readonly links?: readonly Link[];
  /** IANA name; times in messages are told in it. */
  readonly timezone: string;
  readonly audience: Audience;
  /** What people decided about its findings, by fingerprint; absent: nothing. */
  readonly handling?: ReadonlyMap<string, Handling>;
}

/**
 * What is to be told of an experiment that was judged and diagnosed: at most one message, and
 * nothing when it is no news, that is when nothing got worse, or no worse than last time for
 * reasons that are known. Damage that is still open is always told.
 */
export function noticesFor(input: NoticeInput): readonly Notice[] {
  const { judgement } = input.state;
  if (judgement === null) return [];
  const { concerned, bystanders } = degradedServices(judgement);
  const worst = concerned[0];
  if (worst === undefined || !isWorseThanSteady(judgement.headline))
    return wasAlerted(input.state) ? [allClearNotice(input)] : [];
  if (!isNews(input, concerned)) return [];
  const command = input.state.findings.find(({ advice }) => advice.now !== null)?.advice.now;
  return [
    {
      kind: "degraded",
      key: `${input.id}:degraded`,
      experimentId: input.id,
      ...sinceOf(input.state),
      ...(isOpen(judgement.headline) || wasAlerted(input.state) ? { atOnce: true } : {}),
      severity: severityOf(judgement.headline, input.state.findings),
      title: titleOf(worst, input.state),
      cause: causeOf(input.state),
      summary: summaryOf(input, concerned),
      ...(command == null || !isOpen(judgement.headline) ? {} : { command }),
      impact: concerned.map(impactPart),
      findings: input.state.findings.map((finding) => findingPart(finding, input)),
      context: smallPrint(input.state, input, bystanders),
      link: input.link,
      ...linksOf(input),
      timezone: input.timezone,
      outcome: outcomeOf(input.state),
      audience: input.audience,
    },
  ];
}

/** An early alert was sent, so its readers wait for an end. */
const wasAlerted = ({ alert }: ExperimentState): boolean => alert?.told === true;

/** What an early alert said did not come true, or cannot be told. */
function allClearNotice(about: NoticeInput): Notice {
  const { id, state, link, timezone, audience } = about;
  const names = someNames((state.alert?.services ?? []).map(({ service }) => shortService(service)));
  return {
    kind: "all-clear",
    key: `${id}:all-clear`,
    experimentId: id,
    ...sinceOf(state),
    severity: "info",
    title: `${names}: outcome ${outcomeText(state)}`,
    summary: `${whatTheExperimentDid(state, whenOf(state))}. The early alert of ${names} ends with this verdict.`,
    impact: [],
    findings: [],
    context: smallPrint(state, about, []),
    link,
    ...linksOf(about),
    timezone,
    outcome: outcomeOf(state),
    audience,
  };
}

/**
 * A service and what it did, slower ones with median and p99; `short` is for readers in a hurry,
 * who get the p99 alone.
 */
export const impactPart = (verdict: SignalVerdict): Notice["impact"][number] => ({
  service: verdict.service,
  line: joined(impactLine(verdict), quantilesText(verdict)),
  short: joined(shortImpact(verdict), quantilesText(verdict, ["p99"])),
});

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join("; ");

/** When the fault was injected, as a part of a notice. */
export const sinceOf = ({ t0Ms }: ExperimentState): Pick<Notice, "sinceMs"> => (t0Ms === null ? {} : { sinceMs: t0Ms });

/** Links to other tools, as a part of a notice. */
export const linksOf = ({ links }: Pick<NoticeInput, "links">): Pick<Notice, "links"> =>
  links === undefined || links.length === 0 ? {} : { links };

const whenOf = ({ t0Ms }: ExperimentState): string => (t0Ms === null ? "" : ` at ${moment(t0Ms)}`);

/** One sentence: what was done, and the finding that explains the rest. */
function causeOf(state: ExperimentState): string {
  const purpose = state.injection === "injected" || state.injection === "unsure" ? " on purpose" : "";
  const did = whatTheExperimentDid(state, `${purpose}${whenOf(state)}`);
  const [finding] = state.findings;
  return finding === undefined ? `${did}.` : `${did}; ${finding.title}.`;
}

const isWorseThanSteady = (headline: VerdictKind): boolean => headline !== "steady" && headline !== "inconclusive";

function isNews({ state, previous, handling }: NoticeInput, concerned: readonly SignalVerdict[]): boolean {
  if (wasAlerted(state) || concerned.some(({ verdict }) => isOpen(verdict.kind))) return true;
  if (state.plan?.sham) return false;
  const { findings } = state;
  if (findings.length > 0 && findings.every(({ fingerprint }) => isQuiet(handling?.get(fingerprint)))) return false;
  if (state.findings.some(({ status }) => status === "new" || status === "regressed")) return true;
  if (previous === null) return true;
  return concerned.some(({ service, verdict }) => isWorse(verdict.kind, previous.get(service) ?? "steady"));
}

const badness = (kind: VerdictKind): number => {
  const at = (VERDICTS_WORST_FIRST as readonly VerdictKind[]).indexOf(kind);
  return at === -1 ? 0 : VERDICTS_WORST_FIRST.length - at;
};
const isWorse = (now: VerdictKind, then: VerdictKind): boolean => badness(now) > badness(then);

function severityOf(headline: VerdictKind, findings: readonly Finding[]): Notice["severity"] {
  if (isOpen(headline)) return "bad";
  if (headline === "slow-recovery" || findings.length > 0) return "warning";
  return "info";
}

function titleOf(worst: SignalVerdict, state: ExperimentState): string {
  const name = shortService(worst.service);
  if (state.plan?.sham) return `${name} got worse by itself`;
  return impactTitle(worst, name);
}

function summaryOf({ state }: NoticeInput, concerned: readonly SignalVerdict[]): string {
  const when = whenOf(state);
  const purpose = state.injection === "injected" || state.injection === "unsure" ? " on purpose" : "";
  return [`${whatTheExperimentDid(state, `${purpose}${when}`)}.`, backAgain(state), whoGotWorse(concerned)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

/** The cluster repaired itself, which is what makes persistent damage remarkable. */
function backAgain({ clearHow, plan, choice }: ExperimentState): string {
  const what = plan?.natural?.what;
  const stayed = what === "restarted" || what === "oom-killed";
  const onePod =
    choice?.fault.kind.startsWith("pod-") === true && what !== "node-lost" && choice.target.pods.length < 2;
  switch (clearHow) {
    case "replaced":
      if (stayed && onePod) return "It was started again, and its pod is Ready.";
      return onePod ? "Kubernetes replaced it and the replacement is Ready." : "All pods are Ready again.";
    case "late":
      return onePod && !stayed ? "Its replacement was not Ready in time." : "Not every pod was Ready again in time.";
    case "undone":
      return "The fault was taken back.";
    case "uncordoned":
      return "It takes pods again.";
    default:
      return "";
  }
}

function whoGotWorse(concerned: readonly SignalVerdict[]): string {
  const open = concerned.filter(({ verdict }) => isOpen(verdict.kind)).map(({ service }) => shortService(service));
  const back = concerned.filter(({ verdict }) => !isOpen(verdict.kind)).map(({ service }) => shortService(service));
  const sentences: string[] = [];
  if (open.length > 0)
    sentences.push(`${someNames(open)} ${open.length === 1 ? "is" : "are"} still worse than before.`);
  if (back.length > 0) sentences.push(`${someNames(back)} got worse and recovered.`);
  return sentences.join(" ");
}

/** A finding as a part of a notice, with what people decided about it. */
export function findingPart(
  finding: Finding,
  { handling, timezone }: Pick<NoticeInput, "handling" | "timezone">,
): Notice["findings"][number] {
  const handled = handling?.get(finding.fingerprint);
  return {
    title: finding.title,
    why: finding.explanation,
    now: finding.advice.now,
    fix: finding.advice.fix,
    status: finding.status,
    ...(handled === undefined ? {} : { handled: handlingTexts(handled, timezone).join("; ") }),
  };
}
