import { deriveFacts } from "../../core/diagnose/derive.ts";
import { diagnose } from "../../core/diagnose/diagnose.ts";
import type { DiagnosisFacts } from "../../core/diagnose/facts.ts";
import { MUTE_KEY } from "../../core/diagnose/handling.ts";
import type { DiagnosisRule } from "../../core/diagnose/rule.ts";
import { type FindingNews, settleFindings } from "../../core/diagnose/settle.ts";
import { withoutWithdrawn } from "../../core/diagnose/withdrawn.ts";
import { extendedMs } from "../../core/experiment/extension.ts";
import { withoutSetClock } from "../../core/experiment/set-clock.ts";
import { type ClusterSnapshot, workloadKey } from "../../core/model/cluster.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { Finding } from "../../core/model/finding.ts";
import { type FindingEvent, findingStream } from "../../core/model/journal.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/model/units.ts";
import { isDegraded } from "../../core/model/verdict.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import type { Settings } from "../preflight/settings.ts";
import { type RecordDeps, record } from "../records/append-event.ts";
import type { Archive } from "../records/archive.ts";
import { followAnnotation } from "./decide.ts";

/**
 * An API server that is away is asked again for this long; then the experiment goes on without
 * findings.
 */
const GIVE_UP_AFTER_MS = HOUR_MS;
/** Two experiments that write into the record of one finding: the slower one reads again. */
const MAX_TRIES = 5;
const FINDING = findingStream("");

export interface DiagnoseDeps extends RecordDeps {
  readonly cluster: ClusterReader;
  readonly archive: Archive;
  readonly rules: readonly DiagnosisRule[];
  readonly log: Log;
  settings(): Pick<Settings, "timezone">;
}

/**
 * Looks for the weakness behind what got worse; answers the state after it, or when to try again.
 */
export async function diagnoseExperiment(
  deps: DiagnoseDeps,
  id: string,
  state: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState | { readonly untilMs: number }> {
  const before = await deps.archive.snapshot(id, "before");
  if (before === null || state.plan === null || state.plan.sham) {
    return record(deps, id, state, { kind: "diagnosed", findings: [] });
  }
  let after: ClusterSnapshot;
  try {
    after = await deps.cluster.snapshot(
      before.namespaces.map((one) => one.name),
      signal,
    );
  } catch (cause) {
    deps.log.warn("the cluster cannot be read; the diagnosis waits", { experiment: id, why: describeError(cause) });
    const nowMs = deps.clock.nowMs();
    if (nowMs < (state.clearMs ?? nowMs) + GIVE_UP_AFTER_MS) return { untilMs: nowMs + MINUTE_MS };
    return record(deps, id, state, { kind: "diagnosed", findings: [] });
  }
  await deps.archive.keepSnapshot(id, "after", after);
  const facts = await factsOf(deps, id, state, before, after);
  const written = await findingStreams(deps);
  const found = diagnose(facts, deps.rules);
  const history = stillSaid(written);
  const settled = settleFindings({ experimentId: id, found, facts, rules: deps.rules, history });
  for (const news of settled.news) await writeNews(deps, news, written.get(news.fingerprint) ?? []);
  for (const { fingerprint, workload } of settled.findings) {
    const key = workloadKey(workload);
    const text = after.workloads.find((one) => workloadKey(one) === key)?.annotations[MUTE_KEY];
    if (text === undefined) continue;
    await followAnnotation(deps, { fingerprint, text, workload: key, timezone: deps.settings().timezone });
  }
  return record(deps, id, state, { kind: "diagnosed", findings: settled.findings });
}

/** What the rules are asked about one experiment. */
async function factsOf(
  deps: DiagnoseDeps,
  id: string,
  state: ExperimentState,
  before: ClusterSnapshot,
  after: ClusterSnapshot,
): Promise<DiagnosisFacts> {
  return deriveFacts({
    plan: required(state.plan),
    choice: required(state.choice),
    t0Ms: required(state.t0Ms),
    clearMs: state.clearHow === "late" ? null : state.clearMs,
    extendedMs: extendedMs(state),
    judgement: required(state.judgement),
    before,
    after: withoutSetClock(before, after, Math.max(before.takenAtMs, after.takenAtMs)),
    edges: await deps.archive.edges(id),
  });
}

/**
 * The findings of an experiment that still follow from its judgement, after some of it was
 * withdrawn. The others are withdrawn in their own records, too. What was seen of the cluster may
 * be gone: then all of them stay, or, when nothing got worse any more, none.
 */
export async function findingsLeft(
  deps: DiagnoseDeps,
  id: string,
  state: ExperimentState,
): Promise<readonly Finding[]> {
  const before = await deps.archive.snapshot(id, "before");
  const after = await deps.archive.snapshot(id, "after");
  const degraded = isDegraded(required(state.judgement).headline);
  const found =
    before === null || after === null
      ? degraded
        ? state.findings
        : []
      : diagnose(await factsOf(deps, id, state, before, after), deps.rules);
  const left = new Set(found.map(({ fingerprint }) => fingerprint));
  const gone = state.findings.filter(({ fingerprint }) => !left.has(fingerprint));
  for (const { fingerprint } of gone) await withdraw(deps, id, fingerprint);
  return state.findings.filter(({ fingerprint }) => left.has(fingerprint));
}

/** Another experiment may write into the same record at the same moment: then it is read again. */
async function withdraw(deps: DiagnoseDeps, id: string, fingerprint: string): Promise<void> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const events = (await deps.journal.read(findingStream(fingerprint))).map((entry) => entry.event as FindingEvent);
    const mine = events.filter((one) => one.experimentId === id);
    const seen = mine.find((one) => one.kind === "seen");
    if (seen === undefined || mine.some((one) => one.kind === "withdrawn")) return;
    await append(deps, fingerprint, events.length, { ...seen, kind: "withdrawn" }, isStanding(events, id));
  }
}

/** Does a finding stand without what experiment `id` said of it? */
function isStanding(events: readonly FindingEvent[], id: string): boolean {
  const last = events.filter((one) => one.experimentId !== id).at(-1);
  return last !== undefined && last.status !== "fixed";
}

function required<T>(value: T | null): T {
  if (value === null) throw new RangeError("an experiment is diagnosed only after it was judged");
  return value;
}

/**
 * What is said of every finding that is known, by fingerprint, oldest first; what was withdrawn is
 * left out.
 */
export const knownFindings = async (
  deps: Pick<DiagnoseDeps, "journal">,
): Promise<Map<string, readonly FindingEvent[]>> => stillSaid(await findingStreams(deps));

function stillSaid(streams: ReadonlyMap<string, readonly FindingEvent[]>): Map<string, readonly FindingEvent[]> {
  const said = [...streams].map(([name, events]) => [name, withoutWithdrawn(events, (event) => event)] as const);
  return new Map(said.filter(([, events]) => events.length > 0));
}

/** Everything that was written of every finding, by fingerprint, oldest first. */
async function findingStreams({
  journal,
}: Pick<DiagnoseDeps, "journal">): Promise<Map<string, readonly FindingEvent[]>> {
  const known = new Map<string, readonly FindingEvent[]>();
  for (const stream of await journal.list("finding", 0, Number.MAX_SAFE_INTEGER)) {
    const entries = await journal.read(stream);
    known.set(
      stream.slice(FINDING.length),
      entries.map((entry) => entry.event as FindingEvent),
    );
  }
  return known;
}

/** Writes what an experiment says of one finding, once: a second writer finds it there. */
async function writeNews(
  deps: DiagnoseDeps,
  { fingerprint, event }: FindingNews,
  earlier: readonly FindingEvent[],
): Promise<void> {
  if (earlier.some((one) => one.experimentId === event.experimentId)) return;
  await append(deps, fingerprint, earlier.length, event, event.status !== "fixed");
}

async function append(
  deps: DiagnoseDeps,
  fingerprint: string,
  afterSeq: number,
  event: FindingEvent,
  open: boolean,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  try {
    await deps.journal.append(findingStream(fingerprint), afterSeq, [event], { atMs: nowMs, indexMs: nowMs, open });
  } catch (cause) {
    if (!hasCode(cause, "journal-conflict")) throw cause;
  }
}
