import { advance } from "../../app/experiment/advance.ts";
import { cancelByHand, closeByHand } from "../../app/experiment/close-or-cancel.ts";
import { EXIT, type Io } from "../io.ts";
import { experimentResult } from "../print/results.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { signature } from "../setup/whoami.ts";
import { wire } from "../wire.ts";

type Options = ConfiguredOptions & { readonly args: readonly string[] };

/** Declares damage over, with who said so and why. */
export async function close(options: Options, io: Io): Promise<number> {
  const [id = "", why = ""] = options.args;
  await using wired = await wire(options, io);
  const state = await closeByHand(wired.deps, id, why, await signature(wired.client, io));
  io.out(options.json ? `${JSON.stringify(experimentResult(state))}\n` : `${id} is closed. Experiments go on.\n`);
  return EXIT.ok;
}

/** Stops one experiment and undoes what it did, now. */
export async function cancel(options: Options, io: Io): Promise<number> {
  const [id = "", why = ""] = options.args;
  await using wired = await wire(options, io);
  await cancelByHand(wired.deps, id, why, await signature(wired.client, io));
  await advance(wired.deps, id, io.signal);
  const state = await wired.deps.book.experiment(id);
  const undone = state.undoneMs === null ? "" : " What stood was taken back.";
  io.out(options.json ? `${JSON.stringify(experimentResult(state))}\n` : `${id} is cancelled.${undone}\n`);
  return EXIT.ok;
}
