import { endingFaults } from "../../app/inject/end-overdue.ts";
import { readPolicies } from "../../app/policies/follow-policies.ts";
import { leftBehind, takeOver } from "../../app/worker/take-over.ts";
import { progressLines } from "../../core/text/event.ts";
import { EXIT, type Io } from "../io.ts";
import { sayLeft, sayWaiting, unknownDamage } from "../print/left.ts";
import { experimentResult } from "../print/results.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { wire } from "../wire.ts";

/**
 * Goes on with everything that is open and due, and waits until no fault is active: has the
 * damage of earlier experiments ended? Exits 1 while some is still there, 2 while nobody knows
 * whether, and 3 while a fault is active or an intent is without an outcome.
 */
export async function followUp(options: ConfiguredOptions, io: Io): Promise<number> {
  const say = options.json ? io.err : io.out;
  await using wired = await wire(options, io, {
    tell: (id, event, state) => {
      for (const line of progressLines(event, state, wired.deps.settings().timezone)) say(`${id}: ${line}\n`);
    },
  });
  await readPolicies(wired.deps, wired.config.teams, io.signal);
  const { book } = wired.deps;
  const before = await book.open();
  const waiting = sayWaiting(wired.deps.settings().timezone, say);
  await endingFaults(wired.deps, () => takeOver(wired.deps, waiting, io.signal));
  const after = await Promise.all(before.map((state) => book.experiment(state.plan?.id ?? "")));
  const damaged = await book.damaged();
  const left = await leftBehind(wired.deps, io.signal);
  sayLeft(left, io);
  const { clock, settings } = wired.deps;
  const unknown = unknownDamage(await book.open(), clock.nowMs(), settings().timezone);
  for (const line of unknown) io.err(`${line}\n`);
  if (options.json) io.out(`${JSON.stringify({ experiments: after.map(experimentResult), left }, null, 2)}\n`);
  else if (damaged.length === 0 && unknown.length === 0) io.out("No damage is open.\n");
  if (left.length > 0) return EXIT.failed;
  if (damaged.length > 0) return EXIT.notRecovered;
  return unknown.length > 0 ? EXIT.unknown : EXIT.ok;
}
