import { muteAnnotation } from "../../core/diagnose/handling.ts";
import { AftershockError, describeError, hasCode } from "../../core/model/error.ts";
import { type DecisionKind, type FindingEvent, findingStream } from "../../core/model/journal.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Journal } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";

/** What somebody decides about a finding. */
export interface Decision extends Pick<FindingEvent, "why" | "untilMs" | "owner"> {
  readonly kind: DecisionKind;
  readonly by: string;
}

export interface DecideDeps {
  readonly journal: Journal;
  readonly clock: Clock;
}

/** An experiment and a person that write at one moment: the slower one reads again. */
const MAX_TRIES = 5;
const PREFIX = findingStream("");

/**
 * Writes a decision down; answers the event and the whole fingerprint.
 * @param start of a fingerprint, as long as it takes to know it from all others
 * @throws AftershockError `not-found` when no finding, or more than one, begins so
 */
export async function decide(
  deps: DecideDeps,
  start: string,
  decision: Decision,
): Promise<{ readonly fingerprint: string; readonly event: FindingEvent }> {
  const fingerprint = await fingerprintFrom(deps.journal, start);
  for (let tries = 1; ; tries++) {
    const entries = await deps.journal.read(findingStream(fingerprint));
    const last = entries.at(-1)?.event as FindingEvent | undefined;
    if (last === undefined) throw unknown(start);
    const event = decisionEvent(last, decision);
    const nowMs = deps.clock.nowMs();
    try {
      const meta = { atMs: nowMs, indexMs: nowMs, open: last.status !== "fixed" };
      await deps.journal.append(findingStream(fingerprint), entries.length, [event], meta);
      return { fingerprint, event };
    } catch (cause) {
      if (!hasCode(cause, "journal-conflict") || tries >= MAX_TRIES) throw cause;
    }
  }
}

/** Programs that know no decisions read the last event, so it repeats what was said before. */
function decisionEvent(last: FindingEvent, { kind, by, why, untilMs, owner }: Decision): FindingEvent {
  const { experimentId, weakness, workload, title, status, provokedBy } = last;
  return {
    kind,
    experimentId,
    weakness,
    workload,
    ...(title === undefined ? {} : { title }),
    status,
    ...(provokedBy === undefined ? {} : { provokedBy }),
    by,
    ...(why === undefined ? {} : { why }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(owner === undefined ? {} : { owner }),
  };
}

async function fingerprintFrom(journal: Journal, start: string): Promise<string> {
  const all = (await journal.list("finding", 0, Number.MAX_SAFE_INTEGER)).map((one) => one.slice(PREFIX.length));
  if (all.includes(start)) return start;
  const matching = start === "" ? [] : all.filter((one) => one.startsWith(start));
  const [first] = matching;
  if (first !== undefined && matching.length === 1) return first;
  if (first === undefined) throw unknown(start);
  throw new AftershockError("not-found", `${matching.length} findings begin with ${start}: ${matching.join(", ")}`, {
    hint: "write more of the id",
  });
}

const unknown = (start: string): AftershockError =>
  new AftershockError("not-found", `no finding ${start} is known`, { hint: "aftershock findings lists the ids" });

/**
 * Mutes a finding as the annotation of its workload says, once: what was muted so before and has
 * regressed since stays told. One that cannot be read, or is past, is logged and ignored.
 */
export async function followAnnotation(
  deps: DecideDeps & { readonly log: Log },
  { fingerprint, text, workload, timezone }: { fingerprint: string; text: string; workload: string; timezone: string },
): Promise<void> {
  let mute: ReturnType<typeof muteAnnotation>;
  try {
    mute = muteAnnotation(text, timezone, deps.clock.nowMs());
  } catch (cause) {
    deps.log.warn("mute annotation ignored", { workload, why: describeError(cause) });
    return;
  }
  const by = `the annotation of ${workload}`;
  const events = (await deps.journal.read(findingStream(fingerprint))).map(({ event }) => event as FindingEvent);
  const done = events.some(
    (one) => one.kind === "muted" && one.by === by && one.untilMs === mute.untilMs && one.why === mute.why,
  );
  if (events.length > 0 && !done) await decide(deps, fingerprint, { kind: "muted", by, ...mute });
}
