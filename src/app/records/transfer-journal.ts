import { AftershockError } from "../../core/model/error.ts";
import { INSTALLATION_STREAM, type JournalEntry, SCHEMA_STREAM, type StreamKind } from "../../core/model/journal.ts";
import type { Journal, JournalIndex, StreamHead } from "../../ports/journal.ts";
import { refuseNewerEvents } from "./journal-schema.ts";

/** First line of an export. */
const HEADER = JSON.stringify({ format: "aftershock-journal", version: 1 });

const KINDS: readonly StreamKind[] = ["experiment", "finding", "operations"];

type Kept = Pick<JournalEntry, "seq" | "atMs" | "event">;

/** One line for each stream: its head and all its entries. */
interface StreamLine extends StreamHead {
  readonly entries: readonly Kept[];
}

/**
 * The whole journal as lines of JSON without line breaks; the first says what it is. Streams that
 * grow meanwhile are written as they were read.
 */
export async function* exportJournal(journal: Journal & JournalIndex): AsyncGenerator<string, void> {
  yield HEADER;
  for (const kind of KINDS) {
    for (const head of await journal.heads(kind)) {
      const entries = (await journal.read(head.stream)).map(({ seq, atMs, event }): Kept => ({ seq, atMs, event }));
      yield JSON.stringify({ ...head, entries } satisfies StreamLine);
    }
  }
}

export interface Imported {
  readonly streams: number;
  /** Entries that were not there before. */
  readonly entries: number;
}

/**
 * Adds an export to a journal. What is there already and the same is left alone, so an import that
 * was cut off can simply be run again. Rejects with `usage` when the lines are no export, with
 * `journal-newer` when a newer program wrote them, and with `journal-conflict` when a stream is
 * there with other entries.
 */
export async function importJournal(journal: Journal, lines: AsyncIterable<string>): Promise<Imported> {
  let number = 0;
  let streams = 0;
  let entries = 0;
  for await (const line of lines) {
    number += 1;
    if (number === 1) checkHeader(line);
    else if (line.trim() !== "") {
      streams += 1;
      entries += await importStream(journal, parseStream(line, number));
    }
  }
  if (number === 0) checkHeader("");
  return { streams, entries };
}

/** Appends what is missing at the end; answers how many entries that were. */
async function importStream(journal: Journal, { stream, indexMs, open, entries }: StreamLine): Promise<number> {
  const there = await journal.read(stream);
  if (stream === INSTALLATION_STREAM && there.length > 0) return 0; // a journal that has a name keeps it
  if (stream === SCHEMA_STREAM) {
    refuseNewerEvents(entries.map(({ event }) => event));
    return 0; // what this program writes it says itself
  }
  const same = there.every((entry, i) => JSON.stringify(entry.event) === JSON.stringify(entries[i]?.event));
  if (!same) {
    throw new AftershockError("journal-conflict", `stream ${stream} is in this journal already, with other entries`, {
      hint: "import into an empty storage, or for another cluster name",
    });
  }
  for (const batch of batches(entries.slice(there.length))) {
    const [first, last] = [batch[0], batch.at(-1)];
    if (first === undefined || last === undefined) continue;
    const more = last.seq < entries.length;
    const options = { atMs: first.atMs, indexMs, open: more || open };
    await journal.append(
      stream,
      first.seq - 1,
      batch.map(({ event }) => event),
      options,
    );
  }
  return entries.length - there.length;
}

/** Neighbours of one time: an append has one. */
function batches(entries: readonly Kept[]): Kept[][] {
  const found: Kept[][] = [];
  for (const entry of entries) {
    const last = found.at(-1);
    if (last?.[0]?.atMs === entry.atMs) last.push(entry);
    else found.push([entry]);
  }
  return found;
}

function checkHeader(line: string): void {
  if (line.trim() === HEADER) return;
  throw new AftershockError("usage", "line 1 is not the beginning of a journal export that this program can read", {
    hint: `expected ${HEADER}`,
  });
}

/** Reads a line that an export wrote; anything else is refused with its number. */
function parseStream(line: string, number: number): StreamLine {
  try {
    const parsed = JSON.parse(line) as StreamLine;
    const whole = parsed.entries.every(({ seq, event }, i) => seq === i + 1 && typeof event.kind === "string");
    if (whole && parsed.entries.length > 0 && typeof parsed.stream === "string") return parsed;
  } catch {
    // said below
  }
  throw new AftershockError("usage", `line ${number} of the journal export is damaged`, {
    hint: "export again; lines before this one were imported, and are skipped the next time",
  });
}
