import type { Book } from "../../app/records/experiment-reader.ts";
import { ENDED } from "../../core/experiment/life.ts";
import { DAY_MS, SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import { type ListedExperiment, listed } from "../../views/lists/listed.ts";
import { remembered } from "./remembered.ts";

/** Lists reach back a year, and hold this many of the newest: about half a KiB each. */
const REACH_MS = 366 * DAY_MS;
const MOST_LINES = 20_000;
/** The journal is asked for what is new at most this often, real ms. */
const KEPT_MS = SECOND_MS;
/** Experiments that are read at once: whole states are large, their lines are not. */
const AT_ONCE = 50;

interface Known {
  readonly line: ListedExperiment;
  readonly seq: number;
  readonly ended: boolean;
}

/**
 * Lines of all experiments, newest first. Those that have ended are read once; the list is the same
 * object until one of them changes, so that what is made of it need not be made again.
 */
export function lineBook(
  book: Pick<Book, "ids" | "some">,
  clock: Pick<Clock, "nowMs">,
  monotonicMs = () => performance.now(),
): () => Promise<readonly ListedExperiment[]> {
  const known = new Map<string, Known>();
  const asked = remembered<readonly ListedExperiment[]>(KEPT_MS, monotonicMs);
  let lines: readonly ListedExperiment[] = [];

  async function look(): Promise<readonly ListedExperiment[]> {
    const nowMs = clock.nowMs();
    const ids = (await book.ids(nowMs - REACH_MS, nowMs + DAY_MS)).slice(-MOST_LINES);
    const there = new Set(ids);
    const gone = [...known.keys()].filter((id) => !there.has(id));
    for (const id of gone) known.delete(id);
    const changed = await refresh(ids.filter((id) => known.get(id)?.ended !== true));
    if (changed || gone.length > 0) lines = ids.flatMap((id) => known.get(id)?.line ?? []).reverse();
    return lines;
  }

  async function refresh(ids: readonly string[]): Promise<boolean> {
    let changed = false;
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      for (const state of await book.some(ids.slice(from, from + AT_ONCE))) {
        if (state.plan === null || known.get(state.plan.id)?.seq === state.seq) continue;
        changed = true;
        known.set(state.plan.id, { line: listed(state), seq: state.seq, ended: ENDED.includes(state.phase) });
      }
    }
    return changed;
  }
  return () => asked("", look);
}
