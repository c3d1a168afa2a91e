import type { ServiceId } from "../model/cluster.ts";
import { degradedServices, isOpen } from "../model/degraded.ts";
import type { ExperimentId, ExperimentState } from "../model/experiment.ts";
import type { Finding } from "../model/finding.ts";
import { type SignalVerdict, VERDICTS_WORST_FIRST, type VerdictKind } from "../model/verdict.ts";
import { formatDuration, formatTime, someNames } from "../text/format.ts";
import { impactLine } from "../text/impact.ts";
import type { Notice } from "../text/notice.ts";
import { shortService, whatTheExperimentDid } from "../text/subject.ts";
import { smallPrint } from "./small-print.ts";

/** One experiment, and what its reader already knows. */
export interface NoticeInput {
  readonly id: ExperimentId;
  readonly state: ExperimentState;
  /** Several clusters may share a channel. */
  readonly cluster: string;
  /** Worst verdict of each service when the same workload was last hit and judged; null when it never was. */
  readonly previous: ReadonlyMap<ServiceId, VerdictKind> | null;
  /** Address of the experiment's page, or null when there is no dashboard to point to. */
  readonly link: string | null;
  /** IANA name; times in messages are told in it. */
  readonly timezone: string;
}

/**
 * What is to be told of an experiment that was judged and diagnosed: at most one message, and nothing when it is no news, that is when
 * nothing got worse, or no worse than last time for reasons that are known. Damage that is still open is always told.
 */
export function noticesFor(input: NoticeInput): readonly Notice[] {
  const { judgement } = input.state;
  if (judgement === null || !isWorseThanSteady(judgement.headline)) return [];
  const { concerned, bystanders } = degradedServices(judgement);
  const worst = concerned[0];
  if (worst === undefined || !isNews(input, concerned)) return [];
  return [
    {
      kind: "degraded",
      key: `${input.id}:degraded`,
      experimentId: input.id,
      severity: severityOf(judgement.headline, input.state.findings),
      title: titleOf(worst, input.state),
      summary: summaryOf(input, concerned),
      impact: concerned.map((verdict) => ({ service: verdict.service, line: impactLine(verdict) })),
      findings: input.state.findings.map(findingPart),
      context: smallPrint(input.state, input, bystanders),
      link: input.link,
    },
  ];
}

const isWorseThanSteady = (headline: VerdictKind): boolean => headline !== "steady" && headline !== "inconclusive";

function isNews({ state, previous }: NoticeInput, concerned: readonly SignalVerdict[]): boolean {
  if (concerned.some(({ verdict }) => isOpen(verdict.kind))) return true;
  if (state.plan?.sham) return false;
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
  switch (worst.verdict.kind) {
    case "persistent":
      return `${name} did not recover`;
    case "unresolved":
      return `${name} got worse, and it is not proven that it recovered`;
    case "slow-recovery":
    case "transient":
      return `${name} was disturbed for ${formatDuration(worst.verdict.recoveredAfterMs.point)}`;
    default:
      return `${name} got worse`;
  }
}

function summaryOf({ state, timezone }: NoticeInput, concerned: readonly SignalVerdict[]): string {
  const when = state.t0Ms === null ? "" : ` at ${formatTime(state.t0Ms, timezone)} (${timezone})`;
  const purpose = state.injection === "injected" || state.injection === "unsure" ? " on purpose" : "";
  return [`${whatTheExperimentDid(state, `${purpose}${when}`)}.`, backAgain(state), whoGotWorse(concerned)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

/** The cluster repaired itself, which is what makes persistent damage remarkable. */
function backAgain({ clearHow, plan, choice }: ExperimentState): string {
  const what = plan?.natural?.what;
  const stayed = what === "restarted" || what === "oom-killed";
  const onePod = choice?.fault.kind.startsWith("pod-") === true && what !== "node-lost";
  switch (clearHow) {
    case "replaced":
      if (stayed) return "It was started again, and its pod is Ready.";
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

export const findingPart = (finding: Finding): Notice["findings"][number] => ({
  title: finding.title,
  why: finding.explanation,
  now: finding.advice.now,
  fix: finding.advice.fix,
  status: finding.status,
});
