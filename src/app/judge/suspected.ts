import { EVIDENCE_REACH_MS, suspectedBefore } from "../../core/experiment/suspects.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { TestKey } from "../../core/model/minutes.ts";
import type { Book } from "../records/experiment-reader.ts";

/** What earlier experiments suspect the fault of this one on its workload of. */
export async function suspectedOf(book: Book, state: ExperimentState): Promise<readonly TestKey[]> {
  const { slotMs, sham } = state.plan ?? { slotMs: 0, sham: true };
  return sham ? [] : suspectedBefore(await book.between(slotMs - EVIDENCE_REACH_MS, slotMs), state);
}
