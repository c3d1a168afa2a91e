import { endMs } from "../../core/experiment/next.ts";
import { starvedAgain } from "../../core/experiment/node-pressure.ts";
import { unprovenIn, withoutProof } from "../../core/experiment/proof.ts";
import type { ServiceId } from "../../core/model/cluster.ts";
import { AftershockError } from "../../core/model/error.ts";
import type { Retention } from "../../core/model/retention.ts";
import type { Judgement, SignalVerdict } from "../../core/model/verdict.ts";
import { whatChanged } from "../../core/observe/judged-from.ts";
import { formatDuration } from "../../core/text/format.ts";
import { callsOf } from "../observe/calls.ts";
import { disturbedWindows } from "../observe/observe.ts";
import { type JudgeDeps, judgedFrom, judgeInput } from "./judge.ts";

export interface ReplayDeps extends Pick<JudgeDeps, "archive" | "book" | "build" | "history" | "journal" | "judge"> {
  retention(): Retention;
}

/** One verdict that comes out differently; null where there was or is none. */
export interface Difference {
  readonly service: ServiceId;
  readonly signal: SignalVerdict["signal"];
  readonly recorded: string | null;
  readonly now: string | null;
}

export interface Replay {
  readonly recorded: Judgement;
  readonly again: Judgement;
  readonly differences: readonly Difference[];
  /**
   * What is not as it was when the verdict was made, one sentence each. Without any, there are no
   * differences.
   */
  readonly changed: readonly string[];
}

/**
 * Judges a recorded experiment again from what was kept of it.
 * @throws AftershockError `not-found` when it is unknown, was not judged, or its counts are not
 * kept any more
 */
export async function replay(deps: ReplayDeps, id: string, signal: AbortSignal): Promise<Replay> {
  const { archive, book } = deps;
  const state = await book.experiment(id);
  if (state.phase === "new") {
    throw new AftershockError("not-found", `there is no experiment ${id}`, {
      hint: "the dashboard and messages show the ids",
    });
  }
  if (state.judgement === null || state.plan === null) {
    const why = `${id} was not judged (${state.phase}), so there is nothing to judge again`;
    throw new AftershockError("not-found", why, { hint: `\`aftershock explain ${id}\` tells what became of it` });
  }
  const observation = await archive.observation(id);
  if (observation === null) {
    throw new AftershockError("not-found", `the counts of ${id} are not kept any more`, {
      hint: `they are kept for ${formatDuration(deps.retention().seenMs)} (storage.retention.seen)`,
    });
  }
  const recorded = (await firstJudgement(deps, id)) ?? state.judgement;
  const before = await archive.judgedFrom(id);
  const snapshot = await archive.snapshot(id, "before");
  const toMs = endMs(state);
  const edges = await archive.edges(id);
  const seen = {
    observation,
    history: await deps.history.upTo(toMs, state.plan.geometry.stepMs, signal),
    excluded: before?.excluded ?? (await disturbedWindows(book, toMs)),
    edges,
    calls: callsOf(edges, snapshot),
  };
  // What happened since (its damage was closed, another experiment ended) is no part of the
  // verdict.
  const asked = judgeInput(state, seen);
  const input = before === null ? asked : { ...asked, cutShort: before.cutShort };
  const judged = await deps.judge.judge(input, signal);
  const unproven = unprovenIn(recorded);
  const again = starvedAgain(unproven === null ? judged : withoutProof(judged, unproven), recorded);
  const noSnapshot = "cluster: its state before the injection is not kept, so callers go by their workloads' names";
  return {
    recorded,
    again,
    differences: differencesOf(recorded, again),
    changed: [...whatChanged(before, judgedFrom(deps.build, seen, input)), ...(snapshot === null ? [noSnapshot] : [])],
  };
}

/**
 * What was judged at first: a final look may have taken some of it back. Null when the journal was
 * made compact.
 */
async function firstJudgement({ journal }: ReplayDeps, id: string): Promise<Judgement | null> {
  const events = (await journal.read(`experiment/${id}`)).map(({ event }) => event);
  const judged = events.findLast((event) => event.kind === "judged");
  return judged?.judgement ?? null;
}

function differencesOf(recorded: Judgement, again: Judgement): readonly Difference[] {
  const keyed = ({ verdicts }: Judgement) => new Map(verdicts.map((v) => [`${v.service} ${v.signal}`, v]));
  const [before, now] = [keyed(recorded), keyed(again)];
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [before.get(key), now.get(key)];
    const { service, signal } = (was ?? is)!;
    if (was?.verdict.kind === is?.verdict.kind) return [];
    return [{ service, signal, recorded: was?.verdict.kind ?? null, now: is?.verdict.kind ?? null }];
  });
}
