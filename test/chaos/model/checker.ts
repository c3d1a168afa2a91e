import { UNASKED } from "../../../src/app/inject/settle-intent.ts";
import { type Broken, brokenCalls, frozenCalls } from "./calls.ts";
import { awayIn, idleIn, Journal, type Rules, type Told } from "./facts.ts";
import { type Entry, type Of, ofKind } from "./history.ts";

/** What the whole history says of the promises. */
export interface Findings {
  readonly broken: readonly Broken[];
  /** Calls that are not judged: their process was stopped inside the sending. */
  readonly frozen: number;
  readonly calls: number;
}

/** A fault ends this long after its time when all is well, … */
const PROMPT_MS = 15_000;
/** … and at its expiry and a sweep later when its worker is gone. */
const SWEPT_MS = 60_000 + 65_000;
/** An intent has its outcome by then, counting the time in which somebody ran. */
const SETTLED_MS = 120_000;
const AWAY = /^storage: (refuses|silent)$/;
/** Undoing takes some requests. */
const EARLY_MS = 5_000;
/** A holder is silent this long before another may take the lease, but for its last write. */
const SILENCE_MS = 30_000 - 100;

/** Reads one history from its beginning to its end. Pure. */
export function check(history: readonly Entry[], rules: Rules): Findings {
  const journal = new Journal(history);
  const endMs = history.at(-1)?.atMs ?? 0;
  const told = journal.at(endMs);
  const broken = [
    ...brokenCalls(history, journal, rules),
    ...notEnded(history, journal, endMs),
    ...[...told].flatMap(([id, one]) => [...untrue(history, id, one)]),
    ...[...told.keys()].flatMap((id) => [...earlyClear(history, id, journal)]),
    ...lost(history, told),
    ...falseExits(history, journal),
    ...takenLeases(history),
    ...leftAtEnd(history, journal),
    ...uselessCordons(history),
    ...longUnresolved(history),
  ];
  return { broken, frozen: frozenCalls(history), calls: ofKind(history, "call").length };
}

/** Every active fault ends by its expiry; nothing is left at the end. */
function* notEnded(history: readonly Entry[], journal: Journal, endMs: number): Generator<Broken> {
  for (const [object, changes] of Map.groupBy(ofKind(history, "fault"), (one) => one.object)) {
    for (const [i, { atMs, experiment }] of changes.entries()) {
      if (experiment === null) continue;
      const end = changes[i + 1];
      if (end === undefined) {
        yield ["left-behind", `${object} still carries the fault of ${experiment}`];
        continue;
      }
      const durations = journal.ever(experiment).flatMap((event) => ("choice" in event ? [event.choice.fault] : []));
      const fault = durations.at(-1);
      const timeMs = fault !== undefined && "durationMs" in fault ? fault.durationMs : 0;
      const halt = ofKind(history, "halt").find((one) => one.state === "written" && one.atMs < atMs + timeMs);
      const dueMs = halt === undefined ? atMs + timeMs : Math.max(atMs, halt.atMs);
      const troubles = history.filter(
        (one) =>
          one.atMs >= atMs - 20_000 &&
          one.atMs <= end.atMs &&
          (one.on === "trouble" ||
            (one.on === "process" && one.state !== "started" && one.state !== "ended" && !one.by.startsWith("halt"))),
      );
      // a storage that is away gives nobody who is alive more time: the cluster knows the expiry
      const disturbed = troubles.some((one) => one.on !== "trouble" || !AWAY.test(one.what));
      const allowedMs = disturbed ? SWEPT_MS + idleIn(history, atMs, Math.min(end.atMs, endMs)) : PROMPT_MS;
      if (end.atMs > dueMs + allowedMs)
        yield ["ended-late", `${object}: the fault of ${experiment} ended ${end.atMs - dueMs} ms after its time`];
      const says = ["done", "unsure"].includes(journal.at(endMs).get(experiment)?.injection ?? "");
      if (troubles.length === 0 && says && end.atMs < dueMs - EARLY_MS)
        yield ["ended-early", `${object}: the fault of ${experiment} ended ${dueMs - end.atMs} ms before its time`];
    }
  }
}

/** Whoever comes next settles an intent, also a CronJob's next run. */
function* longUnresolved(history: readonly Entry[]): Generator<Broken> {
  for (const [id, own] of Map.groupBy(ofKind(history, "journal"), (one) => one.id)) {
    const intended = own.find(({ event }) => event.kind === "intended");
    const settled = own.find(({ event }) => /^(injected|not-injected)/.test(event.kind));
    if (intended === undefined || settled === undefined) continue;
    const { atMs } = intended;
    const ms = settled.atMs - atMs - idleIn(history, atMs, settled.atMs) - awayIn(history, atMs, settled.atMs);
    if (ms > SETTLED_MS) yield ["unresolved", `${id}: its intent had no outcome for ${ms} ms`];
  }
}

/** A call is given up after 15 s, and what it left is taken back at once. */
const CALL_MS = 15_000 + 3_000;

/** A cordon under which no pod was evicted goes with its call. */
function* uselessCordons(history: readonly Entry[]): Generator<Broken> {
  const faults = ofKind(history, "fault");
  for (const begin of faults) {
    const { experiment, object, by, atMs } = begin;
    if (experiment === null || !object.includes("/nodes/")) continue;
    const evicted = history.some(
      (one) => one.on === "call" && one.experiment === experiment && one.uid !== null && one.applied,
    );
    const endMs = faults.find((one) => one.object === object && one.atMs > atMs)?.atMs ?? Number.POSITIVE_INFINITY;
    const during = history.filter((one) => one.atMs >= atMs - 1_000 && one.atMs <= endMs);
    const troubles = during.filter((one) => one.on === "trouble");
    const ran = !during.some((one) => one.on === "process" && one.by === by && one.state !== "started");
    if (!evicted && ran && troubles.length < 2 && endMs - atMs > CALL_MS)
      yield ["useless-cordon", `${object}: cordoned for ${experiment} for ${endMs - atMs} ms, and no pod went`];
  }
}

/** A run that is told to end, and ends by itself, leaves no fault and no open intent of its own. */
function* leftAtEnd(history: readonly Entry[], journal: Journal): Generator<Broken> {
  for (const { by, atMs } of ofKind(history, "process").filter((one) => one.state === "terminated")) {
    const end = ofKind(history, "process").find((one) => one.by === by && one.atMs >= atMs && one.state === "ended");
    const troubled = history.some((one) => one.on === "trouble" || one.on === "storage");
    if (end === undefined || troubled || !by.startsWith("run")) continue;
    const own = new Set(ofKind(history, "call").flatMap((one) => (one.by === by ? [one.experiment] : [])));
    const faults = ofKind(history, "fault").filter((one) => one.atMs <= end.atMs);
    for (const [object, experiment] of new Map(faults.map((one) => [one.object, one.experiment])))
      if (experiment !== null && own.has(experiment))
        yield ["left-at-end", `${by} ended, and ${object} carries the fault of ${experiment}`];
    for (const [id, { injection }] of journal.at(end.atMs))
      if (own.has(id) && injection === "intended")
        yield ["left-at-end", `${by} ended, and the intent of ${id} has no outcome`];
  }
}

/** Nobody takes the lease from a holder that wrote on it a moment ago. */
function* takenLeases(history: readonly Entry[]): Generator<Broken> {
  let last: Of<"lease"> | undefined;
  let heardMs = 0;
  for (const lease of ofKind(history, "lease")) {
    const taken = last !== undefined && last.holder !== "" && lease.holder !== "" && lease.holder !== last.holder;
    if (taken && lease.by !== "stranger" && lease.atMs - heardMs < SILENCE_MS)
      yield ["lease-taken", `${lease.by} took the lease from ${last?.holder} after ${lease.atMs - heardMs} ms`];
    // whoever settles an intent writes on the lease of a holder that is gone
    if (lease.by === lease.holder || lease.holder !== last?.holder) heardMs = lease.atMs;
    last = lease;
  }
}

/** The journal says what truly happened. */
function* untrue(history: readonly Entry[], id: string, told: Told): Generator<Broken> {
  const calls = ofKind(history, "call").filter((one) => one.experiment === id);
  const applied = calls.filter((one) => one.applied);
  const says = told.injection === "done" || told.injection === "unsure";
  const stood = longestMs(history, id);
  // a cordon or a route that meets a refusal later in the same call is taken back within it
  const happened =
    applied.some((one) => one.uid !== null) || applied.some((one) => one.verb === "route" && stood > 1_000);
  if (told.injection === "intended") yield ["unresolved", `${id}: its intent has no outcome`];
  if (happened && !says && told.injection !== "intended") {
    // the answer to the copy of a request is that of a pod that vanished by itself
    const blurred = calls.some((one) => one.copy) && /already gone/.test(told.why);
    if (!blurred) yield ["untrue", `${id}: the journal says ${told.injection} (${told.why}), and it was done`];
  }
  if (says && !happened && applied.length === 0 && told.why !== UNASKED && !vanished(history, told))
    yield ["untrue", `${id}: the journal says ${told.injection} (${told.why}), and nothing was done`];
}

/** Every process goes by a clock that differs by so much, and time stamps have whole seconds. */
const CLOCK_MS = 4_000;

/**
 * The late window begins no earlier than its target is whole again, counted from the call: in it
 * nothing of the fault itself is left that would look like lasting damage.
 */
function* earlyClear(history: readonly Entry[], id: string, journal: Journal): Generator<Broken> {
  const events = journal.ever(id);
  const t0Ms = events.flatMap((event) => ("t0Ms" in event ? [event.t0Ms] : [])).at(-1);
  const cleared = events.find((event) => event.kind === "cleared");
  const applied = ofKind(history, "call").filter((one) => one.experiment === id && one.applied);
  const [first] = applied;
  if (cleared?.kind !== "cleared" || t0Ms === undefined || first === undefined || cleared.how === "late") return;
  const faults = ofKind(history, "fault");
  const ends = faults
    .filter((one) => one.experiment === id)
    .map((begin) => faults.find((one) => one.object === begin.object && one.atMs > begin.atMs)?.atMs ?? begin.atMs);
  const pods = ofKind(history, "pod");
  const ready = applied.flatMap(({ uid, atMs }) => {
    const workload = pods.find((one) => one.uid === uid)?.workload;
    return pods.find((one) => one.workload === workload && one.state === "ready" && one.atMs >= atMs)?.atMs ?? [];
  });
  const wholeMs = Math.max(...ends, ...ready) - first.atMs;
  const saysMs = cleared.clearMs - t0Ms;
  if (saysMs < wholeMs - CLOCK_MS)
    yield ["early-clear", `${id}: whole after ${saysMs} ms, says the journal; it took ${wholeMs} ms`];
}

/** For how long a fault of this experiment stood, ms. */
function longestMs(history: readonly Entry[], id: string): number {
  const faults = ofKind(history, "fault");
  const endOf = (begin: Of<"fault">): number =>
    faults.find((one) => one.object === begin.object && one.atMs > begin.atMs)?.atMs ?? Number.POSITIVE_INFINITY;
  return Math.max(0, ...faults.filter((one) => one.experiment === id).map((one) => endOf(one) - one.atMs));
}

/** One of its pods went by itself. */
const vanished = (history: readonly Entry[], { pods }: Told): boolean =>
  ofKind(history, "pod").some((one) => one.state === "gone" && pods.includes(one.uid));

/** Everything that was planned or called for has come to an end that people can see. */
function* lost(history: readonly Entry[], told: ReadonlyMap<string, Told>): Generator<Broken> {
  const ends = [
    "refused",
    "missed",
    "not-injected",
    "notified",
    "still-down",
    "recovery-notified",
    "closed",
    "finalised",
  ];
  for (const [id, { last, kinds, blind }] of told) {
    const waits = kinds.includes("cleared") && !kinds.includes("judged");
    if (last === "cancelled" && !kinds.includes("intended") && !kinds.includes("pretended")) continue;
    if (last !== null && !ends.includes(last) && !waits && !blind) yield ["lost", `${id} is still ${last}`];
  }
  for (const id of new Set(
    ofKind(history, "call")
      .filter((one) => one.applied)
      .map((one) => one.experiment),
  ))
    if ((told.get(id)?.slotMs ?? null) === null) yield ["lost", `the journal knows nothing of ${id}, which was called`];
}

/** A command that says that all is well leaves no fault and no open question behind. */
function* falseExits(history: readonly Entry[], journal: Journal): Generator<Broken> {
  for (const { by, state, code, atMs } of ofKind(history, "process")) {
    if (state !== "ended" || code !== 0 || !/^(run|look)/.test(by)) continue;
    const faults = new Map(
      ofKind(history, "fault")
        .filter((one) => one.atMs <= atMs)
        .map((one) => [one.object, one.experiment]),
    );
    for (const [object, experiment] of faults)
      if (experiment !== null) yield ["false-exit", `${by} exits 0, and ${object} carries the fault of ${experiment}`];
    for (const [id, { injection }] of journal.at(atMs))
      if (injection === "intended") yield ["false-exit", `${by} exits 0, and the intent of ${id} has no outcome`];
  }
}
