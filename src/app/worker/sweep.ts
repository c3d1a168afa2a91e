import { ENDED } from "../../core/experiment/life.ts";
import type { ExperimentId } from "../../core/model/experiment.ts";
import { countedNowMs } from "../inject/active-faults.ts";
import type { InjectDeps } from "../inject/inject.ts";
import { restoreLost } from "../inject/restore-intent.ts";
import { witnessExpired, witnessOnLease } from "../inject/settle-intent.ts";
import type { Book } from "../records/experiment-reader.ts";

export interface SweepDeps extends InjectDeps {
  readonly book: Book;
}

/**
 * Takes back faults that stand too long, and those of experiments that are over. Another replica
 * may begin an experiment between our look at the journal and our look at the cluster: whose
 * experiment is not among the open ones is therefore looked up once more before it is taken back.
 * It was planned before its fault was made, so whatever stands in the cluster has a journal by
 * then. Of an intent without an outcome it is written down first that its fault acted.
 * @param left told what could not be taken back or looked for, a sentence each
 */
export async function sweep(deps: SweepDeps, signal: AbortSignal, left?: (what: string) => void): Promise<void> {
  const { clock, log, book, injector } = deps;
  const known = await book.open().catch(async (cause: unknown) => {
    await sweepExpired(deps, signal, left);
    throw cause;
  });
  await witnessExpired(deps, known, signal);
  const open = new Set(known.map((state) => state.plan?.id));
  const strangers = new Set<ExperimentId>();
  const spare = (id: ExperimentId): boolean => {
    if (!open.has(id)) strangers.add(id);
    return true;
  };
  const undone = [...(await injector.sweep(countedNowMs(clock), spare, signal, left))];
  const over = new Set<ExperimentId>();
  for (const id of strangers) {
    let { phase } = await book.experiment(id);
    if (phase === "new") {
      // by us, or by somebody else at this moment
      await restoreLost(deps, signal);
      ({ phase } = await book.experiment(id));
    }
    if (phase === "new" || ENDED.includes(phase)) over.add(id);
  }
  if (over.size > 0) undone.push(...(await injector.sweep(countedNowMs(clock), (id) => !over.has(id), signal, left)));
  for (const what of undone) log.warn("a fault that nobody looked after was taken back", { undone: what });
}

/**
 * What the cluster alone tells, while the journal is away: a fault carries its expiry, and is taken
 * back then.
 */
export async function sweepExpired(
  deps: Pick<SweepDeps, "clock" | "injector" | "lease" | "log">,
  signal: AbortSignal,
  left?: (what: string) => void,
): Promise<void> {
  const nowMs = countedNowMs(deps.clock);
  await witnessOnLease(deps, (expiresMs) => expiresMs <= nowMs, signal);
  for (const what of await deps.injector.sweep(nowMs, () => true, signal, left))
    deps.log.warn("an expired fault was taken back while the journal is away", { undone: what });
}
