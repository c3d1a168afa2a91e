import { AftershockError, hasCode } from "../../core/model/error.ts";
import { type JournalEvent, SCHEMA_STREAM } from "../../core/model/journal.ts";
import type { Journal } from "../../ports/journal.ts";
import type { RecordDeps } from "./append-event.ts";

/**
 * Version of the journal format that this program writes. Raise it whenever an event changes. 1:
 * journals from before versions were written.
 */
export const JOURNAL_SCHEMA = 2;
/**
 * Oldest version whose program reads this journal correctly: at least one back, so that an upgrade
 * can be taken back. What an older program may ignore does not raise it; a new meaning does, one
 * version after the program that can read both.
 */
const READABLE_FROM = 1;

type Schema = Extract<JournalEvent, { kind: "schema" }>;
const isSchema = (event: JournalEvent): event is Schema => event.kind === "schema";

/** Rejects with `journal-newer` when a newer program has written what this one would misread. */
export async function refuseNewer(journal: Pick<Journal, "read">): Promise<void> {
  refuseNewerEvents((await journal.read(SCHEMA_STREAM)).map((entry) => entry.event));
}

/** @throws AftershockError `journal-newer` */
export function refuseNewerEvents(events: readonly JournalEvent[]): void {
  const newest = events.filter(isSchema).toSorted((a, b) => b.readableFrom - a.readableFrom)[0];
  if (newest === undefined || newest.readableFrom <= JOURNAL_SCHEMA) return;
  throw new AftershockError(
    "journal-newer",
    `the journal was written by a newer Aftershock (schema ${newest.version}; this one reads up to ${JOURNAL_SCHEMA})`,
    { hint: "run the version that wrote it, or a newer one: going back is possible by one version at a time" },
  );
}

/**
 * Writes down, once, what this program writes. One that was taken back to an older version lowers
 * nothing.
 */
export async function stampSchema({ journal, clock }: Pick<RecordDeps, "journal" | "clock">): Promise<void> {
  const entries = await journal.read(SCHEMA_STREAM);
  if (entries.some(({ event }) => isSchema(event) && event.version >= JOURNAL_SCHEMA)) return;
  const nowMs = clock.nowMs();
  const event: Schema = { kind: "schema", version: JOURNAL_SCHEMA, readableFrom: READABLE_FROM };
  try {
    // left open, so that retention keeps it
    await journal.append(SCHEMA_STREAM, entries.length, [event], { atMs: nowMs, indexMs: nowMs, open: true });
  } catch (cause) {
    if (!hasCode(cause, "journal-conflict")) throw cause; // another process writes the same
  }
}
