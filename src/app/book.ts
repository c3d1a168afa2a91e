import { compactState } from "../core/experiment/compact.ts";
import { ENDED, hasOpenDamage, replay } from "../core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../core/model/experiment.ts";
import { experimentStream } from "../core/model/journal.ts";
import type { Journal } from "../ports/journal.ts";

/** Ended experiments kept in memory; they never change again. One over 300 services takes half a MiB. */
const REMEMBERED = 100;
/** Older ones are kept compact, at some KiB each: three months of 24 a day, which every choice of a target looks through. */
const REMEMBERED_COMPACT = 2_500;

/** Reads experiments out of the journal. */
export interface Book {
  /** The experiment's state; phase `new` when it was never planned. */
  experiment(id: string): Promise<ExperimentState>;
  /**
   * Experiments whose slot lies in `[fromMs, toMs)`, oldest first. Of all but the newest the verdicts on services that did not get worse and had
   * nothing to do with it may be missing: `experiment` has them.
   */
  between(fromMs: number, toMs: number): Promise<readonly ExperimentState[]>;
  /** Those that have not ended, oldest first. */
  open(): Promise<readonly ExperimentState[]>;
  /** Those whose damage is still there. */
  damaged(): Promise<readonly ExperimentState[]>;
}

const idOf = (stream: string): string => stream.slice(experimentStream("").length);

export function bookOf(journal: Journal): Book {
  const ended = new Map<string, ExperimentState>();
  const compact = new Map<string, ExperimentState>();

  async function experiment(id: string): Promise<ExperimentState> {
    const known = ended.get(id);
    if (known) return known;
    const entries = await journal.read(experimentStream(id));
    const state = replay(entries.map((entry) => entry.event as ExperimentEvent));
    if (ENDED.includes(state.phase)) remember(id, state);
    return state;
  }

  function remember(id: string, state: ExperimentState): void {
    ended.set(id, state);
    const [oldest] = ended.size > REMEMBERED ? ended : [];
    if (oldest === undefined) return;
    ended.delete(oldest[0]);
    compact.set(oldest[0], compactState(oldest[1]));
    const [forgotten] = compact.size > REMEMBERED_COMPACT ? compact.keys() : [];
    if (forgotten !== undefined) compact.delete(forgotten);
  }

  const all = async (streams: readonly string[]): Promise<readonly ExperimentState[]> => {
    const states: ExperimentState[] = [];
    for (const stream of streams) {
      const id = idOf(stream);
      states.push(compact.get(id) ?? (await experiment(id)));
    }
    return states;
  };

  const open = async () => all(await journal.listOpen("experiment"));
  return {
    experiment,
    open,
    between: async (fromMs, toMs) => all(await journal.list("experiment", fromMs, toMs)),
    damaged: async () => (await open()).filter(hasOpenDamage),
  };
}
