/** What a simulated process may run: the worker's loop and the commands as they are. */
import { work } from "../../../../src/app/worker/work.ts";
import { followUp as look } from "../../../../src/main/commands/follow-up.ts";
import { halt, resume } from "../../../../src/main/commands/halt.ts";
import { run } from "../../../../src/main/commands/run.ts";
import type { Io } from "../../../../src/main/io.ts";
import { environment } from "./environment.ts";
import { wire } from "./wire.ts";

const STOP_TIMEOUT_MS = 20_000;
const OPTIONS = { config: "", json: false };

const io: Io = {
  env: { AFTERSHOCK_USER: "somebody" },
  cwd: "/",
  out: () => undefined,
  err: () => undefined,
  terminal: false,
  signal: environment.signal,
};

/** As `aftershock worker`, without its pages. */
async function worker(): Promise<number> {
  await using wired = await wire(OPTIONS, io);
  await work(wired.deps, io.signal);
  await wired.deps.queue.close(STOP_TIMEOUT_MS);
  return 0;
}

export const programs = {
  worker,
  run: () => run({ ...OPTIONS, policy: "chaos", refusedOk: true }, io),
  look: () => look(OPTIONS, io),
  halt: () => halt({ ...OPTIONS, args: ["a test"] }, io),
  resume: () => resume(OPTIONS, io),
};
