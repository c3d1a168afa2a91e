import { replay } from "../../app/judge/replay.ts";
import { EXIT, type Io } from "../io.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { wire } from "../wire.ts";

/**
 * Judges a recorded experiment again from what was kept, and says where the answer differs from the
 * recorded one, and why.
 */
export async function replayExperiment(
  options: ConfiguredOptions & { readonly args: readonly string[] },
  io: Io,
): Promise<number> {
  const [id = ""] = options.args;
  await using wired = await wire(options, io);
  const { recorded, again, differences, changed } = await replay(wired.deps, id, io.signal);
  if (options.json) {
    const headline = { recorded: recorded.headline, now: again.headline };
    io.out(`${JSON.stringify({ id, headline, differences, changed, judgement: again }, null, 2)}\n`);
    return EXIT.ok;
  }
  io.out(`recorded: ${recorded.headline}, now: ${again.headline}\n`);
  for (const one of differences) {
    io.out(`${one.service} ${one.signal}: recorded ${one.recorded ?? "nothing"}, now ${one.now ?? "nothing"}\n`);
  }
  if (differences.length === 0) io.out("Every verdict is the same.\n");
  for (const one of changed) io.out(`not as it was: ${one}\n`);
  if (differences.length > 0 && changed.length === 0) {
    io.out("Version and data are as they were, so the verdicts should be, too: please report this.\n");
  }
  return EXIT.ok;
}
