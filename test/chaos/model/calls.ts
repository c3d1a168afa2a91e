import type { Journal, Rules } from "./facts.ts";
import { type Entry, type Of, ofKind } from "./history.ts";

/** What is wrong with a call, by the name of the promise. */
export type Broken = readonly [name: string, what: string];

/** Facts are believed for two seconds; requests take some milliseconds. */
const LOOK_MS = 2_000;
const SLACK_MS = 600;

/**
 * Every promise about the moment of a call: under the caller's own lease token, no halt, inside the
 * window, not late, for an id that was never called, on the chosen pod, with no damage open or
 * unknown around it, and on nothing that had trouble already.
 */
export function* brokenCalls(history: readonly Entry[], journal: Journal, rules: Rules): Generator<Broken> {
  const calls = ofKind(history, "call");
  for (const [experiment, own] of Map.groupBy(calls, (call) => call.experiment)) {
    yield* afterHalt(history, own);
    yield* calledTwice(experiment, own);
    yield* wrongPods(experiment, own, journal);
    for (const [by, byOne] of Map.groupBy(own, (call) => call.by)) {
      const first = byOne[0];
      if (first === undefined) continue;
      const note = noteBefore(history, experiment, by, first.sentMs);
      if (note === undefined) {
        yield ["lease-token", `${by} called for ${experiment}, and no intent of it stands on the lease`];
        continue;
      }
      // whoever was stopped inside the sending calls late: counted, not judged
      if (first.askedMs < first.sentMs) continue;
      yield* atTheMoment(history, journal, rules, first, note);
      for (const call of byOne) yield* underHalt(history, call, note);
    }
  }
}

/** Calls whose process was stopped inside the sending. */
export const frozenCalls = (history: readonly Entry[]): number =>
  ofKind(history, "call").filter((call) => call.askedMs < call.sentMs).length;

/** The caller's own last write of its intent. */
const noteBefore = (history: readonly Entry[], id: string, by: string, sentMs: number): Of<"lease"> | undefined =>
  ofKind(history, "lease").findLast(
    (one) => one.by === by && one.atMs <= sentMs && one.intent?.id === id && one.intent.outcome === null,
  );

function* atTheMoment(
  history: readonly Entry[],
  journal: Journal,
  { allowed, lateAfterMs, around }: Rules,
  call: Of<"call">,
  note: Of<"lease">,
): Generator<Broken> {
  const { sentMs, shownMs, experiment, by } = call;
  const what = `${by}, ${experiment}: ${call.verb} ${call.object}`;
  const lease = ofKind(history, "lease").findLast((one) => one.atMs <= sentMs);
  if (lease?.holder !== note.holder || lease.token !== note.token)
    yield [
      "lease-token",
      `${what} under token ${note.token} of ${note.holder}; it is ${lease?.token} of ${lease?.holder}`,
    ];
  if (sentMs - note.atMs > LOOK_MS + SLACK_MS) yield ["stale-look", `${what} ${sentMs - note.atMs} ms after the look`];
  if (!allowed.some(({ fromMs, toMs }) => fromMs <= shownMs && shownMs < toMs + LOOK_MS + SLACK_MS))
    yield ["outside-window", `${what} at ${new Date(shownMs).toISOString()}`];

  const told = journal.at(sentMs);
  const mine = told.get(experiment);
  const events = journal.ever(experiment);
  const planned = events.find((event) => event.kind === "planned");
  const slotMs = planned?.kind === "planned" ? planned.plan.slotMs : null;
  if (slotMs === null || shownMs < slotMs || shownMs > slotMs + lateAfterMs + LOOK_MS + SLACK_MS)
    yield [
      "late",
      `${what} at ${new Date(shownMs).toISOString()}, planned for ${slotMs && new Date(slotMs).toISOString()}`,
    ];
  if (planned?.kind === "planned" && planned.plan.sham) yield ["sham-called", what];
  const intents = journal.ever(experiment, sentMs).filter(({ kind }) => kind === "intended" || kind === "restored");
  if (mine?.injection !== "intended" && intents.length === 0)
    yield ["no-intent", `${what} before the journal had its intent`];

  const family = new Set(around(mine?.services ?? []));
  for (const [id, other] of told) {
    if (id === experiment) continue;
    const began = ["intended", "done", "unsure", "pretended"].includes(other.injection);
    const judged = other.kinds.includes("judged");
    const closed = other.kinds.includes("closed") || other.kinds.includes("recovered");
    if (began && !judged && !closed) yield ["two-at-once", `${what} while ${id} is without a verdict`];
    if (judged && other.blind && !closed) yield ["unknown-damage", `${what} while nobody knows what ${id} broke`];
    if (!closed && other.worse.some((service) => family.has(service)))
      yield ["open-damage", `${what} while ${id} has open damage: ${other.worse.join()}`];
  }
  const blind = ofKind(history, "partial").filter((one) => one.by === by && slotMs !== null && one.atMs <= sentMs);
  if (blind.some((one) => one.atMs >= sentMs - lateAfterMs - LOOK_MS)) yield ["partial-answer", what];
  yield* onTrouble(history, call);
}

/** A pod of the same workload was away when the last look began. */
function* onTrouble(history: readonly Entry[], { sentMs, uid, experiment, by }: Of<"call">): Generator<Broken> {
  const pods = ofKind(history, "pod").filter((one) => one.atMs <= sentMs - LOOK_MS - SLACK_MS);
  const workload = ofKind(history, "pod").find((one) => one.uid === uid)?.workload;
  const last = new Map(pods.filter((one) => one.workload === workload).map((one) => [one.uid, one.state]));
  const away = [...last].filter(([other, state]) => state === "unready" && other !== uid);
  if (away.length > 0) yield ["unready", `${by}, ${experiment}: a pod of ${workload} was away already`];
}

function* underHalt(
  history: readonly Entry[],
  { sentMs, experiment, by }: Of<"call">,
  note: Of<"lease">,
): Generator<Broken> {
  const halts = ofKind(history, "halt").filter((one) => one.atMs <= sentMs);
  const since = halts.findLastIndex((one) => one.state === "lifted");
  const standing = halts.slice(since + 1);
  const written = standing.find((one) => one.state === "written");
  if (written === undefined) return;
  if (written.atMs <= note.atMs || sentMs - written.atMs > LOOK_MS + SLACK_MS)
    yield ["halted", `${by} called for ${experiment} ${sentMs - written.atMs} ms after a halt`];
}

/** Nothing arrives once the command has said that its halt is in force. */
function* afterHalt(history: readonly Entry[], calls: readonly Of<"call">[]): Generator<Broken> {
  for (const { atMs, by, experiment, applied } of calls) {
    const last = ofKind(history, "halt").findLast((one) => one.atMs < atMs);
    if (applied && last?.state === "in-force")
      yield ["halted", `${by} called for ${experiment} ${atMs - last.atMs} ms after a halt was said to be in force`];
  }
}

/** One process calls, once; what is refused for now may be asked again within the same call. */
function* calledTwice(experiment: string, calls: readonly Of<"call">[]): Generator<Broken> {
  const callers = new Set(calls.map((call) => call.by));
  if (callers.size > 1) yield ["called-twice", `${[...callers].join(" and ")} called for ${experiment}`];
  const own = calls.filter((call) => !call.copy);
  const again = own.find((call, i) => own.slice(0, i).some((one) => one.applied && one.object === call.object));
  if (again !== undefined) yield ["called-twice", `${again.object} was called twice for ${experiment}`];
  const alone = own.filter((call) => call.verb === "delete" || call.verb === "evict");
  const intents = new Set(own.map((call) => call.verb));
  if (!intents.has("cordon") && new Set(alone.map((call) => call.object)).size > 1)
    yield ["called-twice", `${experiment} called for ${alone.length} pods`];
}

function* wrongPods(experiment: string, calls: readonly Of<"call">[], journal: Journal): Generator<Broken> {
  const chosen = new Set(
    journal
      .ever(experiment)
      .flatMap((event) => (event.kind === "chosen" || event.kind === "restored" ? event.choice.target.pods : []))
      .map((pod) => pod.uid),
  );
  for (const { applied, uid, object } of calls)
    if (applied && uid !== null && !chosen.has(uid)) yield ["wrong-pod", `${experiment}: ${object} (${uid})`];
}
