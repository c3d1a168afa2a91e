import { deriveFacts } from "../core/diagnose/derive.ts";
import { diagnose } from "../core/diagnose/diagnose.ts";
import type { DiagnosisRule } from "../core/diagnose/rule.ts";
import { type FindingNews, settleFindings } from "../core/diagnose/settle.ts";
import type { ClusterSnapshot } from "../core/model/cluster.ts";
import { describeError, hasCode } from "../core/model/error.ts";
import type { ExperimentState } from "../core/model/experiment.ts";
import { type FindingEvent, findingStream } from "../core/model/journal.ts";
import { HOUR_MS, MINUTE_MS } from "../core/model/units.ts";
import type { ClusterReader } from "../ports/cluster.ts";
import type { Log } from "../ports/log.ts";
import type { Archive } from "./archive.ts";
import { type RecordDeps, record } from "./record.ts";

/** An API server that is away is asked again for this long; then the experiment goes on without findings. */
const GIVE_UP_AFTER_MS = HOUR_MS;
const FINDING = findingStream("");

export interface DiagnoseDeps extends RecordDeps {
  readonly cluster: ClusterReader;
  readonly archive: Archive;
  readonly rules: readonly DiagnosisRule[];
  readonly log: Log;
}

/** Looks for the weakness behind what got worse; answers the state after it, or when to try again. */
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
  const facts = deriveFacts({
    plan: state.plan,
    choice: required(state.choice),
    t0Ms: required(state.t0Ms),
    clearMs: state.clearHow === "late" ? null : state.clearMs,
    judgement: required(state.judgement),
    before,
    after,
    edges: await deps.archive.edges(id),
  });
  const history = await knownFindings(deps);
  const found = diagnose(facts, deps.rules);
  const settled = settleFindings({ experimentId: id, found, facts, rules: deps.rules, history });
  for (const news of settled.news) await writeNews(deps, news, history.get(news.fingerprint) ?? []);
  return record(deps, id, state, { kind: "diagnosed", findings: settled.findings });
}

function required<T>(value: T | null): T {
  if (value === null) throw new RangeError("an experiment is diagnosed only after it was judged");
  return value;
}

/** Events of every finding, by fingerprint, oldest first. */
export async function knownFindings({
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
  const nowMs = deps.clock.nowMs();
  const open = event.status !== "fixed";
  try {
    await deps.journal.append(findingStream(fingerprint), earlier.length, [event], {
      atMs: nowMs,
      indexMs: nowMs,
      open,
    });
  } catch (cause) {
    if (!hasCode(cause, "journal-conflict")) throw cause;
  }
}
