import { isOpen } from "../../core/model/degraded.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { experimentStream, type JournalEvent } from "../../core/model/journal.ts";
import { DAY_MS, WEEK_MS } from "../../core/model/units.ts";
import { digestNotice } from "../../core/report/digest.ts";
import { openDamageNotice, recoveredNotice } from "../../core/report/follow-up.ts";
import { nextCronRunMs } from "../../core/schedule/slots.ts";
import type { Notice } from "../../core/text/notice.ts";
import type { Digest } from "../../ports/notifier.ts";
import { lastDigestMs, recordOperation } from "../records/operations.ts";
import { aboutOf, deliver, type NotifyDeps, verdictNotices } from "./notify.ts";

/** What was not told because nobody was there is told by a later digest, for so long. */
const REACH_MS = WEEK_MS;
/** A verdict comes within this time of its fault, extended or not. */
const JUDGED_WITHIN_MS = DAY_MS;
/** Damage that ended is looked for among experiments of so long ago. */
const RECOVERED_WITHIN_MS = 90 * DAY_MS;

/**
 * Writes down since when a channel has digests, for those that have had none: what was told before
 * that is not told again.
 */
export async function beginDigests(deps: NotifyDeps): Promise<void> {
  for (const { channel } of deps.notifier.digests ?? []) {
    if ((await lastDigestMs(deps, channel)) === null)
      await recordOperation(deps, { kind: "digested", channel, toMs: deps.clock.nowMs() });
  }
}

/**
 * Sends every digest that is due at `atMs`. What is in it is read from the journal, so nothing is
 * lost by a restart: everything since the last one that was sent.
 */
export async function sendDigests(deps: NotifyDeps, atMs: number, signal: AbortSignal): Promise<void> {
  const { timezone } = deps.settings();
  for (const digest of deps.notifier.digests ?? []) {
    if (nextCronRunMs(digest.cron, timezone, atMs - 1) === atMs) await sendOne(deps, digest, atMs, signal);
  }
}

async function sendOne(deps: NotifyDeps, digest: Digest, atMs: number, signal: AbortSignal): Promise<void> {
  const { cluster, timezone, dashboardUrl } = deps.settings();
  const { channel } = digest;
  const lastMs = await lastDigestMs(deps, channel);
  if (lastMs !== null && lastMs >= atMs) return;
  const fromMs = Math.max(lastMs ?? atMs - DAY_MS, atMs - REACH_MS);
  const later = digest.everything ? await followUps(deps, fromMs, atMs) : [];
  // what became of an experiment since says more than its verdict
  const isOld = ({ experimentId }: Notice): boolean => later.some((one) => one.experimentId === experimentId);
  const judged = (await judgedBetween(deps, fromMs, atMs)).filter((notice) => !isOld(notice));
  const notices = [...judged, ...later].filter((notice) => digest.holds(notice));
  if (notices.length === 0) return;
  const link = dashboardUrl === null ? null : `${dashboardUrl}/experiments`;
  const notice = digestNotice({ channel, cluster, timezone, fromMs, toMs: atMs, link, notices });
  const notifier = { send: digest.send };
  const outcome = await deliver({ ...deps, notifier }, notice, { recoveredMs: null, clearMs: atMs }, signal);
  if (typeof outcome !== "string") throw new Error("a digest could not be delivered yet");
  await recordOperation(deps, { kind: "digested", channel, toMs: atMs });
}

/** Messages of the verdicts that were told, or held back, in `[fromMs, toMs)`. */
async function judgedBetween(deps: NotifyDeps, fromMs: number, toMs: number): Promise<readonly Notice[]> {
  const states = await deps.book.between(fromMs - JUDGED_WITHIN_MS, toMs);
  const found: Notice[] = [];
  for (const state of states) {
    const { plan, news } = state;
    if (plan === null || news.length === 0) continue;
    const atMs = await toldAtMs(deps, plan.id, "notified");
    if (atMs !== null && fromMs <= atMs && atMs < toMs) found.push(...(await verdictNotices(deps, plan.id, state)));
  }
  return found;
}

async function toldAtMs(
  { journal }: NotifyDeps,
  id: string,
  kind: Extract<JournalEvent["kind"], "notified" | "recovery-notified">,
): Promise<number | null> {
  const entries = await journal.read(experimentStream(id));
  return entries.find(({ event }) => event.kind === kind)?.atMs ?? null;
}

/** What ended in `[fromMs, toMs)`, and what is still open. */
async function followUps(deps: NotifyDeps, fromMs: number, toMs: number): Promise<readonly Notice[]> {
  const states = await deps.book.between(toMs - RECOVERED_WITHIN_MS, toMs);
  const found: Notice[] = [];
  for (const state of states) {
    const { plan, recoveredMs, judgement } = state;
    if (plan === null || judgement === null || !isOpen(judgement.headline)) continue;
    const notice = await followUp(deps, plan.id, state, { fromMs, toMs, recoveredMs });
    if (notice !== null) found.push(notice);
  }
  return found;
}

async function followUp(
  deps: NotifyDeps,
  id: string,
  state: ExperimentState,
  { fromMs, toMs, recoveredMs }: { fromMs: number; toMs: number; recoveredMs: number | null },
): Promise<Notice | null> {
  if (state.phase === "damaged") return openDamageNotice(await aboutOf(deps, id, state), toMs);
  if (recoveredMs === null) return null;
  const atMs = await toldAtMs(deps, id, "recovery-notified");
  return atMs !== null && fromMs <= atMs && atMs < toMs ? recoveredNotice(await aboutOf(deps, id, state)) : null;
}
