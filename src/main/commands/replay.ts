import { judgeInput } from "../../app/judge/judge.ts";
import { callsOf } from "../../app/observe/calls.ts";
import { disturbedWindows } from "../../app/observe/observe.ts";
import { endMs } from "../../core/experiment/next.ts";
import { AftershockError } from "../../core/model/error.ts";
import { formatDuration } from "../../core/text/format.ts";
import { EXIT, type Io } from "../io.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { wire } from "../wire.ts";

/** Judges a recorded experiment again from the counts that were kept, and says where the answer differs from the recorded one. */
export async function replayExperiment(
  options: ConfiguredOptions & { readonly args: readonly string[] },
  io: Io,
): Promise<number> {
  const [id = ""] = options.args;
  await using wired = await wire(options, io);
  const { book, archive, history } = wired.deps;
  const state = await book.experiment(id);
  if (state.phase === "new") {
    throw new AftershockError("not-found", `there is no experiment ${id}`, {
      hint: "the dashboard and messages show the ids",
    });
  }
  if (state.judgement === null || state.plan === null) {
    throw new AftershockError(
      "not-found",
      `${id} was not judged (${state.phase}), so there is nothing to judge again`,
      {
        hint: `\`aftershock explain ${id}\` tells what became of it`,
      },
    );
  }
  const observation = await archive.observation(id);
  if (observation === null) {
    throw new AftershockError("not-found", `the counts of ${id} are not kept any more`, {
      hint: `they are kept for ${formatDuration(wired.deps.retention().seenMs)} (storage.retention.seen)`,
    });
  }
  const toMs = endMs(state);
  const edges = await archive.edges(id);
  const input = judgeInput(state, {
    observation,
    history: await history.upTo(toMs, state.plan.geometry.stepMs, io.signal),
    excluded: await disturbedWindows(book, toMs),
    edges,
    calls: callsOf(edges, await archive.snapshot(id, "before")),
  });
  const again = await wired.deps.judge.judge(input, io.signal);
  const recorded = new Map(state.judgement.verdicts.map((v) => [`${v.service} ${v.signal}`, v.verdict.kind]));
  const differences = again.verdicts.flatMap((v) => {
    const before = recorded.get(`${v.service} ${v.signal}`);
    return before === v.verdict.kind
      ? []
      : [{ service: v.service, signal: v.signal, recorded: before ?? null, now: v.verdict.kind }];
  });
  if (options.json)
    io.out(
      `${JSON.stringify({ id, headline: { recorded: state.judgement.headline, now: again.headline }, differences, judgement: again }, null, 2)}\n`,
    );
  else {
    io.out(`recorded: ${state.judgement.headline}, now: ${again.headline}\n`);
    for (const one of differences)
      io.out(`${one.service} ${one.signal}: recorded ${one.recorded ?? "nothing"}, now ${one.now}\n`);
    if (differences.length === 0) io.out("Every verdict is the same.\n");
  }
  return EXIT.ok;
}
