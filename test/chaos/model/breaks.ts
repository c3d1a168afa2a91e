import type { Change } from "./build.ts";

/** A line of the product that is written wrong, and the lives that must notice it. */
export interface Break extends Change {
  readonly name: string;
  /** Where two places keep one promise, both must be wrong. */
  readonly also?: readonly Change[];
  /** Names of groups, or a part of them; faults and forms narrow them down. */
  readonly lives: string;
  readonly fault?: string;
  readonly form?: string;
  /** The promise that must be seen broken; any, when left out. */
  readonly promise?: string;
}

const INJECT = "src/app/inject/inject.ts";
const LEASE = "src/adapters/kubernetes/lease/lease.ts";
const SETTLE = "src/app/inject/settle-intent.ts";
const NEXT = "src/core/experiment/next.ts";
const LAST_LOOK = "src/app/preflight/last-look.ts";
const FACTS = "src/app/preflight/gather-facts.ts";
const GATES = "src/app/preflight/gates";
const FAULTS = "src/adapters/kubernetes/faults";

/** Nobody ends faults beside the journal either. */
const WITHOUT_JOURNAL: Change = {
  file: "src/app/inject/end-overdue.ts",
  from: "for (const state of overdueFaults(clock, JOURNAL_PATIENCE_MS)) {",
  to: "for (const state of overdueFaults(clock, JOURNAL_PATIENCE_MS).slice(0, 0)) {",
};

/** What passed since the call is not counted. */
const UNCOUNTED: Change = {
  file: "src/app/inject/own-time.ts",
  from: "return Math.max(nowMs, shownMs + clock.monotonicMs() - countedMs);",
  to: "return Math.min(nowMs, shownMs + clock.monotonicMs() + countedMs);",
};

/** What the journal lost is not looked for on the lease. */
const UNRESTORED: Change = {
  file: "src/app/inject/restore-intent.ts",
  from: "if (noted === null) return null;",
  to: "if (noted !== undefined) return null;",
};

/** Each alone, in a copy of the program: the files stay as they are. */
export const BREAKS: readonly Break[] = [
  {
    name: "no lease token: an intent is written whoever holds the lease",
    file: LEASE,
    from: "if (lease === null || !isOurs(lease, options) || tokenOf(lease).token !== hold.token) return null;",
    to: "if (lease === null) return null;",
    lives: "the lease is stolen before write",
  },
  {
    name: "the intent is not written again at the last look",
    file: INJECT,
    from: "const again = () => deps.lease.noteIntent(hold, intent, limited).then(() => null);",
    to: "const again = async () => null;",
    lives: "request slow$",
    fault: "pod-delete",
    form: "worker",
  },
  {
    name: "the lease is taken from whoever holds it",
    file: LEASE,
    from: "return free || silence.isSilent(lease, clock.monotonicMs())",
    to: "return free || lease !== null",
    lives: "two runs",
  },
  {
    name: "a deletion names no uid and no version",
    file: `${FAULTS}/deletion.ts`,
    from: "    preconditions: {",
    to: "    conditions: {",
    lives: "name is used again",
  },
  {
    name: "the halt is ignored, by the gate and on the lease",
    file: `${GATES}/halt.ts`,
    from: "return standing === null",
    to: "return standing !== undefined",
    also: [{ file: LEASE, from: "refuseHalted(lease);", to: "" }],
    lives: "halted, and nobody hears of it",
  },
  {
    name: "an order does not go stale",
    file: INJECT,
    from: "return { ...order, target: { ...order.target, pods }, whyNot: () => whyCut(cut) ?? whyStale() };",
    to: "return { ...order, target: { ...order.target, pods }, whyNot: () => (whyStale() === '' ? whyCut(cut) : null) };",
    lives: "credentials take 5 s",
  },
  {
    name: "the cluster is not read again",
    file: LAST_LOOK,
    from: "const snapshot = refreshed(around.snapshot, fresh, touched);",
    to: "const snapshot = touched.length < 0 ? refreshed(around.snapshot, fresh, touched) : around.snapshot;",
    lives: "another pod is lost",
  },
  {
    name: "no sweep",
    file: "src/app/worker/sweep.ts",
    from: "const undone = [...(await injector.sweep(countedNowMs(clock), spare, signal, left))];",
    to: "const undone = clock.nowMs() < 0 ? [...(await injector.sweep(countedNowMs(clock), spare, signal, left))] : [];",
    lives: "the first undo is lost",
  },
  {
    name: "a sweep takes back faults whose time is not over",
    file: "src/app/worker/sweep.ts",
    from: "    return true;\n  };",
    to: "    return false;\n  };",
    lives: "undisturbed",
  },
  {
    name: "a halt is in force as soon as it is written",
    file: "src/app/policies/await-in-force.ts",
    from: "if (last === null || last.outcome !== null) return null;",
    to: "if (last !== undefined) return null;",
    lives: "halted while a request arrives late",
    fault: "pod-delete",
    form: "worker",
  },
  {
    name: "a halt does not undo active faults",
    file: "src/app/policies/follow-halt.ts",
    from: "standDown(deps, () => true, why, AbortSignal.any([signal, resumed.signal])),",
    to: "standDown(deps, () => false, why, AbortSignal.any([signal, resumed.signal])),",
    lives: "halted",
    fault: "http-abort",
  },
  {
    name: "the lateness gate is always open",
    file: `${GATES}/lateness.ts`,
    from: "return lateMs > limits.lateAfterMs",
    to: "return lateMs > Number.MAX_VALUE",
    lives: "it gets late",
  },
  {
    name: "the calendar gate is always open",
    file: `${GATES}/calendar.ts`,
    from: "return whyClosedAt(calendar, atMs) ?? whyOutsideWindow(policy.schedule, atMs);",
    to: "return atMs > 0 ? null : (whyClosedAt(calendar, atMs) ?? whyOutsideWindow(policy.schedule, atMs));",
    lives: "a freeze begins",
  },
  {
    name: "the last look asks no gates",
    file: LAST_LOOK,
    from: "const closed = await firstClosed(lastLookGates(facts), signal);",
    to: "const closed = lastLookGates(facts).length < 0 ? await firstClosed([], signal) : null;",
    lives: "while a request is slow",
  },
  {
    name: "a look holds for as long as it takes",
    file: LAST_LOOK,
    from: "if (deps.clock.realMs() - askedAtMs <= LOOK_HOLDS_MS) return { pods: looked.pods, askedAtMs };",
    to: "if (deps.clock.realMs() >= askedAtMs) return { pods: looked.pods, askedAtMs: deps.clock.realMs() };",
    lives: "request slow$",
    fault: "pod-delete",
    form: "worker",
  },
  {
    name: "a finder calls again",
    file: SETTLE,
    from: "const done = await deps.injector.wasDone(orderOf(intended), signal).catch((cause: unknown) => {",
    to: 'const done = await deps.injector.inject(orderOf(intended), signal).then(() => "done" as const).catch((cause: unknown) => {',
    lives: "killed",
  },
  {
    name: "an intent is settled without waiting for its call",
    file: SETTLE,
    from: "if (allMs < LOOK_AFTER_MS) {",
    to: "if (allMs < 0) {",
    lives: "its call arrives late while another run begins",
  },
  {
    name: "an experiment that is observed is not active",
    file: FACTS,
    from: 'return ["intended", "observing", "cleared", "judged", "diagnosed"].includes(phase);',
    to: 'return ["intended"].includes(phase);',
    lives: "counts cannot be read|a caller is damaged",
  },
  {
    name: "persistent damage is not open",
    file: "src/core/experiment/life.ts",
    from: 'return headline === "persistent" || headline === "unresolved";',
    to: 'return headline === "unresolved";',
    lives: "a caller is damaged",
  },
  {
    name: "callers of damaged services may be hit",
    file: `${GATES}/open-damage.ts`,
    from: "const around = new Set([...services, ...callersOf(facts, services), ...calleesOf(facts, services)]);",
    to: "const around = new Set([...services, ...(facts.edges.length < 0 ? callersOf(facts, calleesOf(facts, services)) : [])]);",
    lives: "a caller is damaged",
  },
  {
    name: "an active experiment keeps nobody out",
    file: `${GATES}/active-experiment.ts`,
    from: "if (other === undefined) return null;",
    to: "if (other !== plan.id) return null;",
    lives: "counts cannot be read",
  },
  {
    name: "degraded services are not asked for when a part is missing",
    file: `${GATES}/degraded.ts`,
    from: "around.has(one.service) && one.unread !== undefined",
    to: "around.has(one.service) && one.unread === ''",
    lives: "metrics answer recent in part",
  },
  {
    name: "a gate that cannot answer is open",
    file: "src/app/preflight/gate.ts",
    from: "return { gate: gate.name, why: `cannot tell:",
    to: "return gate.name === '' ? { gate: gate.name, why: '' } : null; return { gate: gate.name, why: `cannot tell:",
    lives: "metrics answer alerts in part",
  },
  {
    name: "a blind metrics source does not matter",
    file: `${GATES}/metrics.ts`,
    from: "if (health.blind !== null) return",
    to: "if (health.blind === '') return",
    lives: "metrics answer health in part",
  },
  {
    name: "a fault is not undone at its time",
    file: NEXT,
    from: 'return nowMs >= undoDueMs(state) ? { do: "undo" } : { do: "guard" };',
    to: 'return nowMs >= undoDueMs(state) + 90_000 ? { do: "undo" } : { do: "guard" };',
    also: [WITHOUT_JOURNAL],
    lives: "undisturbed",
  },
  {
    name: "the end of a fault goes by the clock that somebody set back",
    file: "src/app/inject/active-faults.ts",
    from: "if (clock.monotonicMs() >= dueMs) return Math.max(nowMs, endMs);",
    to: "if (clock.monotonicMs() >= dueMs) return nowMs;",
    also: [WITHOUT_JOURNAL, UNCOUNTED],
    promise: "ended-late",
    lives: "set back while a fault is active",
  },
  {
    name: "the end of a fault goes by the clock that somebody set forward",
    file: "src/app/inject/active-faults.ts",
    from: "return sentOf.get(clock)?.has(id) ? Math.min(nowMs, endMs - 1) : nowMs;",
    to: "return sentOf.get(clock)?.has(id) ? nowMs : nowMs;",
    lives: "the API server's clock is set by 1 h",
    fault: "http-abort",
  },
  {
    name: "an intent that the journal lost is not restored",
    ...UNRESTORED,
    lives: "storage rolled back",
  },
  {
    name: "an id that stands on the lease is called again",
    file: LEASE,
    from: "refuseKnown(lease, intent, options);",
    to: "if (intent.experimentId === '') refuseKnown(lease, intent, options);",
    also: [UNRESTORED],
    lives: "storage rolled back by 10 s$",
    fault: "pod-delete",
    form: "worker",
    promise: "called-twice",
  },
  {
    name: "a refused call does not take its cordon back",
    file: `${FAULTS}/node-drain.ts`,
    from: "await uncordon(client, isOf(order), node, cleanUpSignal()).catch(() => undefined); // else the sweep does it",
    to: "cleanUpSignal();",
    lives: "request (lost|refused)$",
    fault: "node-drain",
    form: "jobs",
    promise: "useless-cordon",
  },
  {
    name: "an outcome nobody knows counts as not done",
    file: INJECT,
    from: "if (result === null) return intended;",
    to: 'if (result === null) return record(deps, id, intended, { kind: "not-injected", why: "no answer" });',
    lives: "request cut$",
    fault: "pod-delete",
    form: "worker",
  },
  {
    name: "an outcome that the journal does not take counts as not done",
    file: INJECT,
    from: "    return intended;\n  }\n}",
    to: '    return record(deps, id, intended, { kind: "not-injected", why: "no answer" });\n  }\n}',
    lives: "request (lost|refused)$",
    fault: "pod-delete",
    form: "worker",
  },
  {
    name: "a one-shot run does not take over",
    file: "src/main/commands/run.ts",
    from: "if (!options.dryRun) await endingFaults(",
    to: "if (options.dryRun) await endingFaults(",
    lives: "killed",
    form: "jobs",
  },
  {
    name: "a one-shot run exits 0 whatever it left",
    file: "src/main/print/left.ts",
    from: "code === EXIT.ok && left.length > 0 ? EXIT.failed : code;",
    to: "left.length > 0 ? EXIT.ok : code;",
    lives: "two runs",
  },
  {
    name: "a run that is told to end leaves everything as it is",
    file: "src/main/commands/run.ts",
    from: "if (last !== null) await abandon(",
    to: "if (last === null) await abandon(",
    lives: "told to end$",
    form: "jobs",
    fault: "http-abort",
    promise: "left-at-end",
  },
  {
    name: "the intent comes after the call",
    file: INJECT,
    from: 'const intended = await record(deps, id, chosen, { kind: "intended", t0Ms: intent.t0Ms });',
    to: 'const intended = chosen.seq < 0 ? await record(deps, id, chosen, { kind: "intended", t0Ms: intent.t0Ms }) : evolve(chosen, { kind: "intended", t0Ms: intent.t0Ms });',
    lives: "undisturbed",
  },
  {
    name: "the answer to a copy of a request is a refusal",
    file: `${FAULTS}/deletion.ts`,
    from: 'if (hasCode(cause, "cluster-conflict") && ',
    to: 'if (cause === null && hasCode(cause, "cluster-conflict") && ',
    lives: "request copied$",
    fault: "pod-delete",
    form: "worker",
  },
  {
    name: "which pod is new says its creation time alone",
    file: "src/core/experiment/newcomers.ts",
    from: "known === null ? pod",
    to: "known !== undefined ? pod",
    lives: "set by -1 h in the call",
  },
  {
    name: "an experiment goes by the clock that somebody set back",
    ...UNCOUNTED,
    lives: "clock is set by -1 h$",
    fault: "node-drain",
    form: "worker",
  },
  {
    name: "a sham is injected",
    file: INJECT,
    from: "if (chosen.plan?.sham) return",
    to: "if (chosen.plan?.sham === null) return",
    lives: "sham",
  },
];
