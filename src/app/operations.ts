import { hasCode } from "../core/model/error.ts";
import type { OperationEvent } from "../core/model/journal.ts";
import { DAY_MS } from "../core/model/units.ts";
import type { RecordDeps } from "./record.ts";

/** Two processes that write at the same moment: the slower one reads again. */
const MAX_TRIES = 5;

/** Writes down who started, configured, armed, halted or resumed: one stream a day. */
export async function recordOperation(
  deps: Pick<RecordDeps, "journal" | "clock">,
  event: OperationEvent,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const stream = `operations/${new Date(dayMs).toISOString().slice(0, 10)}`;
  for (let tries = 1; ; tries++) {
    const { length } = await deps.journal.read(stream);
    try {
      return await deps.journal.append(stream, length, [event], { atMs: nowMs, indexMs: dayMs, open: false });
    } catch (cause) {
      if (!hasCode(cause, "journal-conflict") || tries === MAX_TRIES) throw cause;
    }
  }
}
