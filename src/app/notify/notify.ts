import { handlingOf } from "../../core/diagnose/handling.ts";
import { workloadKey } from "../../core/model/cluster.ts";
import { degradedServices, worstPerService } from "../../core/model/degraded.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { Handling } from "../../core/model/finding.ts";
import { type FindingEvent, findingStream } from "../../core/model/journal.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { VerdictKind } from "../../core/model/verdict.ts";
import { audienceOf } from "../../core/report/audience.ts";
import { type FollowUpInput, recoveredNotice } from "../../core/report/follow-up.ts";
import { experimentLinks } from "../../core/report/links.ts";
import { noticesFor } from "../../core/report/notices.ts";
import type { Notice } from "../../core/text/notice.ts";
import type { Log } from "../../ports/log.ts";
import type { Notifier } from "../../ports/notifier.ts";
import type { Settings } from "../preflight/settings.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import type { Archive } from "../records/archive.ts";
import type { Book } from "../records/experiment-reader.ts";

/**
 * A message that cannot be delivered is tried for this long, then given up: old news helps nobody.
 */
const GIVE_UP_AFTER_MS = 2 * HOUR_MS;
const RETRY_MS = MINUTE_MS;
/** The last experiment on the same workload is looked for this far back. */
const PREVIOUS_REACH_MS = 90 * DAY_MS;

export interface NotifyDeps extends RecordDeps {
  readonly notifier: Notifier;
  readonly book: Book;
  readonly archive: Archive;
  readonly log: Log;
  settings(): Settings;
}

const HOW_IT_ENDED = { sent: "", maybe: " (perhaps not delivered)", held: " (in the digest)" } as const;

type Later = { readonly untilMs: number };

/** Tells what is news; steady experiments are silent. */
export async function notifyOf(
  deps: NotifyDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | Later> {
  const notices = await verdictNotices(deps, id, state);
  const told: string[] = [];
  for (const notice of notices) {
    const outcome = await deliver(deps, notice, state, signal);
    if (typeof outcome !== "string") return outcome;
    told.push(outcome);
  }
  return record(deps, id, state, { kind: "notified", news: told });
}

/** What is news of an experiment that was judged and diagnosed. */
export async function verdictNotices(deps: NotifyDeps, id: string, state: ExperimentState): Promise<readonly Notice[]> {
  const about = await aboutOf(deps, id, state);
  return noticesFor({ ...about, previous: await previousVerdicts(deps.book, id, state) });
}

/** Tells that open damage is over. */
export async function notifyRecovery(
  deps: NotifyDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | Later> {
  const outcome = await deliver(deps, recoveredNotice(await aboutOf(deps, id, state)), state, signal);
  return typeof outcome === "string" ? record(deps, id, state, { kind: "recovery-notified" }) : outcome;
}

/** What every message about an experiment needs. */
export async function aboutOf(
  deps: Pick<NotifyDeps, "settings" | "archive" | "journal" | "clock">,
  id: string,
  state: ExperimentState,
): Promise<FollowUpInput> {
  const settings = deps.settings();
  const { cluster, dashboardUrl, timezone } = settings;
  // a message without its owner is better than none
  const snapshot = await deps.archive.snapshot(id, "before").catch(() => null);
  return {
    id,
    state,
    cluster,
    timezone,
    audience: audienceOf(snapshot, servicesToldOf(state)),
    link: dashboardUrl === null ? null : `${dashboardUrl}/experiments/${encodeURIComponent(id)}`,
    links: experimentLinks(settings, state),
    handling: await handlingsOf(deps, state),
  };
}

/** What people decided about the findings of an experiment, by fingerprint. */
async function handlingsOf(
  { journal, clock }: Pick<NotifyDeps, "journal" | "clock">,
  { findings }: ExperimentState,
): Promise<ReadonlyMap<string, Handling>> {
  const known = new Map<string, Handling>();
  for (const { fingerprint } of findings) {
    const entries = await journal.read(findingStream(fingerprint));
    const handling = handlingOf(
      entries.map(({ event }) => event as FindingEvent),
      clock.nowMs(),
    );
    if (handling !== null) known.set(fingerprint, handling);
  }
  return known;
}

/** Services whose owners a message is for: those that got worse, else the target's. */
function servicesToldOf({ judgement, alert, choice }: ExperimentState): readonly string[] {
  const worse = judgement === null ? [] : degradedServices(judgement).concerned.map(({ service }) => service);
  const told = worse.length > 0 ? worse : (alert?.services ?? []).map(({ service }) => service);
  return told.length > 0 ? told : (choice?.target.services ?? []);
}

/**
 * Sends; answers the notice's key (with how it ended, when not simply sent), or when to try again.
 */
export async function deliver(
  deps: NotifyDeps,
  notice: Notice,
  state: Pick<ExperimentState, "recoveredMs" | "clearMs">,
  signal: AbortSignal,
): Promise<string | Later> {
  try {
    const delivery = await deps.notifier.send(notice, signal);
    return `${notice.key}${HOW_IT_ENDED[delivery]}`;
  } catch (cause) {
    signal.throwIfAborted();
    const nowMs = deps.clock.nowMs();
    const since = state.recoveredMs ?? state.clearMs ?? nowMs;
    const again = hasCode(cause, "notify-failed") && cause.retryable && nowMs < since + GIVE_UP_AFTER_MS;
    deps.log.error(
      again ? "a message could not be delivered; it will be tried again" : "a message could not be delivered",
      {
        notice: notice.key,
        why: describeError(cause),
      },
    );
    if (again) return { untilMs: nowMs + (cause.retryAfterMs ?? RETRY_MS) };
    const partly = hasCode(cause, "notify-failed") && cause.partly;
    return `${notice.key} ${partly ? "(not delivered everywhere)" : "(not delivered)"}`;
  }
}

/** Worst verdict of each service when the same workload was last hit and judged, or null. */
async function previousVerdicts(
  book: Book,
  id: string,
  state: ExperimentState,
): Promise<ReadonlyMap<string, VerdictKind> | null> {
  const { plan, choice } = state;
  if (plan === null || choice === null) return null;
  const key = workloadKey(choice.target.workload);
  const past = await book.between(plan.slotMs - PREVIOUS_REACH_MS, plan.slotMs);
  const last = past.findLast(
    (one) =>
      one.plan?.id !== id &&
      one.plan?.sham === false &&
      one.judgement !== null &&
      one.choice !== null &&
      workloadKey(one.choice.target.workload) === key,
  );
  if (last?.judgement == null) return null;
  return new Map(worstPerService(last.judgement.verdicts).map((v) => [v.service, v.verdict.kind]));
}
