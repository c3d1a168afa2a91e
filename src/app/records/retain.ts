import { compacted } from "../../core/experiment/compact.ts";
import { replay } from "../../core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import { experimentStream, type FindingEvent } from "../../core/model/journal.ts";
import type { Retention } from "../../core/model/retention.ts";
import { DAY_MS } from "../../core/model/units.ts";
import { hitKey } from "../../core/report/weekly/input.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Cache, Journal, JournalUpkeep } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import type { Archive } from "./archive.ts";

export interface RetainDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal & JournalUpkeep;
  readonly cache: Cache;
  readonly archive: Archive;
  retention(): Retention;
}

/** How much of each went. */
export interface Retained {
  readonly blobs: number;
  readonly compacted: number;
  readonly removed: number;
}

/** Until when experiments are compact already; losing it costs a look at each of them. */
const COMPACTED_UNTIL = "retention/compacted-until";
/** Others are answered between two streams. */
const PAUSE_MS = 1;

/**
 * Removes and compacts what is older than it is kept, one stream at a time. It may be cut off at
 * any moment and begun again, by any number of replicas. Kept whatever its age: open experiments
 * and findings, the last hit of each workload, and the experiment in which a finding that is not
 * fixed was last seen.
 */
export async function retain(deps: RetainDeps, signal: AbortSignal): Promise<Retained> {
  const { seenMs, detailsMs, journalMs } = deps.retention();
  const nowMs = deps.clock.nowMs();
  const blobs = await forgetSeen(deps, nowMs - seenMs);
  const removed = await removeOld(deps, nowMs - journalMs, signal);
  const retained = { blobs, removed, compacted: await compactOld(deps, nowMs - detailsMs, signal) };
  if (blobs + removed + retained.compacted > 0) deps.log.info("what is older than it is kept was dropped", retained);
  return retained;
}

async function forgetSeen({ journal, archive, clock }: RetainDeps, untilMs: number): Promise<number> {
  const young = await journal.list("experiment", untilMs, clock.nowMs() + DAY_MS);
  const kept = new Set([...young, ...(await journal.listOpen("experiment"))]);
  return archive.forget((id) => !kept.has(experimentStream(id)));
}

async function compactOld(deps: RetainDeps, untilMs: number, signal: AbortSignal): Promise<number> {
  const open = new Set(await deps.journal.listOpen("experiment"));
  let doneMs = untilMs;
  let count = 0;
  for (const stream of await deps.journal.list("experiment", await readMark(deps.cache), untilMs)) {
    const { state, events } = await readExperiment(deps.journal, stream);
    if (open.has(stream)) doneMs = Math.min(doneMs, state.plan?.slotMs ?? 0);
    else if (await compactOne(deps.journal, stream, state, events)) count += 1;
    await deps.clock.sleep(PAUSE_MS, signal);
  }
  await deps.cache.save(COMPACTED_UNTIL, new TextEncoder().encode(String(doneMs)));
  return count;
}

/** The mark is no record: one that is missing or cannot be read begins at the beginning. */
async function readMark(cache: Cache): Promise<number> {
  const bytes = await cache.load(COMPACTED_UNTIL);
  const markMs = bytes === null ? 0 : Number(new TextDecoder().decode(bytes));
  return Number.isFinite(markMs) ? markMs : 0;
}

async function compactOne(
  journal: JournalUpkeep,
  stream: string,
  state: ExperimentState,
  events: readonly ExperimentEvent[],
): Promise<boolean> {
  let changed = false;
  for (const [i, event] of events.entries()) {
    const smaller = compacted(event, state);
    if (smaller !== null && (await journal.rewrite(stream, i + 1, smaller))) changed = true;
  }
  return changed;
}

async function removeOld(deps: RetainDeps, untilMs: number, signal: AbortSignal): Promise<number> {
  const { journal } = deps;
  const old = [
    ...(await journal.list("operations", 0, untilMs)),
    ...(await finishedFindings(journal, untilMs)),
    ...(await needlessExperiments(deps, untilMs, signal)),
  ];
  let removed = 0;
  for (const stream of old) {
    if (await journal.remove(stream)) removed += 1;
    await deps.clock.sleep(PAUSE_MS, signal);
  }
  return removed;
}

/** Findings that were fixed and have not been heard of since. */
async function finishedFindings(journal: Journal, untilMs: number): Promise<readonly string[]> {
  const open = new Set(await journal.listOpen("finding"));
  const finished: string[] = [];
  for (const stream of await journal.list("finding", 0, untilMs)) {
    if (open.has(stream)) continue;
    const last = (await journal.read(stream)).at(-1);
    if (last !== undefined && last.atMs < untilMs) finished.push(stream);
  }
  return finished;
}

/**
 * Old experiments that nothing refers to any more. Younger ones are only read when there are old
 * ones.
 */
async function needlessExperiments(deps: RetainDeps, untilMs: number, signal: AbortSignal): Promise<readonly string[]> {
  const { journal, clock } = deps;
  const old = await journal.list("experiment", 0, untilMs);
  if (old.length === 0) return [];
  const needed = await lastSights(journal);
  const hit = new Set<string>();
  const young = await journal.list("experiment", untilMs, clock.nowMs() + DAY_MS);
  for (const stream of young.toReversed()) {
    const key = hitKey((await readExperiment(journal, stream)).state);
    if (key !== null) hit.add(key);
    await clock.sleep(PAUSE_MS, signal);
  }
  const needless: string[] = [];
  for (const stream of old.toReversed()) {
    const key = hitKey((await readExperiment(journal, stream)).state);
    const last = key !== null && !hit.has(key);
    if (last) hit.add(key);
    else if (!needed.has(stream)) needless.push(stream);
    await clock.sleep(PAUSE_MS, signal);
  }
  return needless;
}

/**
 * Streams of the experiments in which findings that are not fixed were last seen: their pages tell
 * of it.
 */
async function lastSights(journal: Journal): Promise<ReadonlySet<string>> {
  const sights = new Set<string>();
  for (const stream of await journal.listOpen("finding")) {
    const events = (await journal.read(stream)).map((entry) => entry.event as FindingEvent);
    const last = events.findLast((event) => event.kind === "seen");
    if (last !== undefined) sights.add(experimentStream(last.experimentId));
  }
  return sights;
}

async function readExperiment(
  journal: Journal,
  stream: string,
): Promise<{ readonly state: ExperimentState; readonly events: readonly ExperimentEvent[] }> {
  const events = (await journal.read(stream)).map((entry) => entry.event as ExperimentEvent);
  return { events, state: replay(events) };
}
