import { hasCode } from "../../core/model/error.ts";
import type { JournalEvent, OperationEvent } from "../../core/model/journal.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { Halt } from "../../ports/lease.ts";
import type { RecordDeps } from "./append-event.ts";

/** Two processes that write at the same moment: the slower one reads again. */
const MAX_TRIES = 5;
/**
 * What was written down longer ago than this is written down again by the next process that finds
 * it.
 */
const REACH_MS = 30 * DAY_MS;
/**
 * Lines on the policies of one namespace in a day's record: what changes more often is some
 * program's fight, and the log has it.
 */
const MAX_POLICY_LINES = 200;
const ENOUGH = "what else changes in this namespace today is only in the log";

type OperationDeps = Pick<RecordDeps, "journal" | "clock">;

/** Writes down who started, configured, armed, halted or resumed: one stream a day. */
export const recordOperation = (deps: OperationDeps, event: OperationEvent): Promise<void> =>
  recordUnless(deps, event, async () => false);

type Configured = Extract<OperationEvent, { kind: "configured" }>;

/**
 * Writes a change of a team's policy down once, whoever of several workers sees it first; nothing
 * when the journal knows it so already, from before a restart perhaps, or when the day's record has
 * enough of that team. Answers whether it was written.
 */
export async function recordPolicy(deps: OperationDeps, event: Configured & { policy: string }): Promise<boolean> {
  let written = false;
  const team = event.policy.slice(0, event.policy.indexOf(".") + 1);
  await recordWhat(deps, async (today) => {
    written = false;
    const lines = today.filter((one) => one.kind === "configured" && one.policy?.startsWith(team)).length;
    if (lines >= MAX_POLICY_LINES) return null;
    const isIt = (one: JournalEvent): one is Configured => one.kind === "configured" && one.policy === event.policy;
    const last = await newest(deps, isIt);
    const known = last === null ? event.hash === "" : last.hash === event.hash && last.summary === event.summary;
    if (known) return null;
    written = true;
    return lines < MAX_POLICY_LINES - 1 ? event : { ...event, summary: `${event.summary}; ${ENOUGH}` };
  });
  return written;
}

/**
 * Writes down, once for each reason, that a changed configuration was refused; `hash` is of the one
 * that stays.
 */
export async function recordRefusal(
  deps: OperationDeps,
  refused: { hash: string; by: string; why: string },
): Promise<void> {
  const { hash, by, why } = refused;
  const event: Configured = { kind: "configured", hash, by, summary: `refused, and the old one stays: ${why}` };
  const isIt = (one: JournalEvent): one is Configured => one.kind === "configured" && one.policy === undefined;
  await recordUnless(deps, event, async () => (await newest(deps, isIt))?.summary === event.summary);
}

/**
 * Writes a halt down once, whoever comes first: the command that gave it, or a worker that saw it.
 */
export const recordHalt = (deps: OperationDeps, { why, by }: Pick<Halt, "why" | "by">): Promise<void> =>
  recordUnless(deps, { kind: "halted", why, by }, async () => {
    const last = await lastSwitch(deps);
    return last?.kind === "halted" && last.why === why && last.by === by;
  });

/** Writes down that a halt was lifted, once; nothing when the journal knows of no halt. */
export const recordResume = (deps: OperationDeps, by: string): Promise<void> =>
  recordUnless(deps, { kind: "resumed", by }, async () => (await lastSwitch(deps))?.kind !== "halted");

type Digested = Extract<OperationEvent, { kind: "digested" }>;

/** Until when a channel has had its digests, as far as the journal knows, or null. */
export async function lastDigestMs(deps: OperationDeps, channel: string): Promise<number | null> {
  const isIt = (one: JournalEvent): one is Digested => one.kind === "digested" && one.channel === channel;
  return (await newest(deps, isIt))?.toMs ?? null;
}

const recordUnless = (deps: OperationDeps, event: OperationEvent, known: () => Promise<boolean>): Promise<void> =>
  recordWhat(deps, async () => ((await known()) ? null : event));

/** @param what to write, given what was written today; null: nothing */
async function recordWhat(
  deps: OperationDeps,
  what: (today: readonly JournalEvent[]) => Promise<OperationEvent | null>,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const stream = `operations/${new Date(dayMs).toISOString().slice(0, 10)}`;
  for (let tries = 1; ; tries++) {
    const today = (await deps.journal.read(stream)).map((entry) => entry.event);
    const event = await what(today);
    if (event === null) return;
    try {
      return await deps.journal.append(stream, today.length, [event], { atMs: nowMs, indexMs: dayMs, open: false });
    } catch (cause) {
      if (!hasCode(cause, "journal-conflict") || tries === MAX_TRIES) throw cause;
    }
  }
}

type Switch = Extract<OperationEvent, { kind: "halted" | "resumed" }>;
const isSwitch = (event: JournalEvent): event is Switch => event.kind === "halted" || event.kind === "resumed";

/** The newest halt or resumption that the journal knows, or null. */
const lastSwitch = (deps: OperationDeps): Promise<Switch | null> => newest(deps, isSwitch);

/** The newest operation of one sort that the journal knows, or null. */
async function newest<E extends OperationEvent>(
  { journal, clock }: OperationDeps,
  isIt: (event: JournalEvent) => event is E,
): Promise<E | null> {
  const nowMs = clock.nowMs();
  const streams = await journal.list("operations", nowMs - REACH_MS, nowMs + DAY_MS);
  for (const stream of streams.toReversed()) {
    const found = (await journal.read(stream)).map((entry) => entry.event).findLast(isIt);
    if (found !== undefined) return found;
  }
  return null;
}
