import { expect, test } from "vitest";
import { bookOf } from "../../../src/app/records/experiment-reader.ts";
import { JOURNAL_SCHEMA, refuseNewer, stampSchema } from "../../../src/app/records/journal-schema.ts";
import { exportJournal, importJournal } from "../../../src/app/records/transfer-journal.ts";
import { type JournalEvent, SCHEMA_STREAM } from "../../../src/core/model/journal.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { bench, handClock, memoryJournal, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const clock = handClock(T0);
const open = { atMs: T0, indexMs: T0, open: true };

const written = async (version: number, readableFrom: number) => {
  const journal = memoryJournal();
  await journal.append(SCHEMA_STREAM, 0, [{ kind: "schema", version, readableFrom }], open);
  return journal;
};

test("a journal that a newer program wrote, and this one would misread, is refused", async () => {
  const journal = await written(JOURNAL_SCHEMA + 2, JOURNAL_SCHEMA + 1);
  await expect(refuseNewer(journal)).rejects.toMatchObject({
    code: "journal-newer",
    message: `the journal was written by a newer Aftershock (schema ${JOURNAL_SCHEMA + 2}; this one reads up to ${JOURNAL_SCHEMA})`,
  });
});

test("one from before versions were written, and a new one, are not", async () => {
  await expect(refuseNewer(memoryJournal())).resolves.toBeUndefined();
  await expect(refuseNewer(await written(1, 1))).resolves.toBeUndefined();
});

test("what was refused once stays refused, whatever an older program wrote after it", async () => {
  const journal = await written(JOURNAL_SCHEMA + 2, JOURNAL_SCHEMA + 1);
  await journal.append(SCHEMA_STREAM, 1, [{ kind: "schema", version: JOURNAL_SCHEMA, readableFrom: 1 }], open);
  await expect(refuseNewer(journal)).rejects.toMatchObject({ code: "journal-newer" });
});

test("the version is written once, raised by an upgrade, and not lowered by going back", async () => {
  const journal = await written(1, 1);
  await stampSchema({ journal, clock });
  await stampSchema({ journal, clock });
  const versions = async () =>
    (await journal.read(SCHEMA_STREAM)).map(({ event }) => (event as { version: number }).version);
  expect(await versions()).toEqual([1, JOURNAL_SCHEMA]);
  const newer = await written(JOURNAL_SCHEMA + 1, JOURNAL_SCHEMA);
  await stampSchema({ journal: newer, clock });
  expect(await newer.read(SCHEMA_STREAM)).toHaveLength(1);
});

test("two processes that write the version at the same moment write it once", async () => {
  const journal = memoryJournal();
  await Promise.all([stampSchema({ journal, clock }), stampSchema({ journal, clock })]);
  expect(await journal.read(SCHEMA_STREAM)).toHaveLength(1);
});

/**
 * What the next version may write that this one may ignore: more fields, operations and streams.
 */
test("going back one version: what the next one adds is ignored, and an experiment goes on", async () => {
  const the = world();
  const run = await bench(the);
  const next = { ...(await run.journal.read(`experiment/${ID}`))[0]!.event, added: { by: "the next version" } };
  const journal = await written(JOURNAL_SCHEMA + 1, JOURNAL_SCHEMA);
  await journal.append(`experiment/${ID}`, 0, [next as JournalEvent], open);
  await journal.append("operations/2026-03-06", 0, [{ kind: "never heard of" } as unknown as JournalEvent], {
    ...open,
    open: false,
  });
  await refuseNewer(journal);
  const back = { ...run.deps, journal, book: bookOf(journal) };
  Object.assign(run.deps, back);
  await run.step();
  expect((await journal.read(`experiment/${ID}`)).map(({ event }) => event.kind)).toEqual([
    "planned",
    "chosen",
    "intended",
    "injected",
  ]);
  expect(the.orders).toHaveLength(1);
  run.clock.moveTo(T0 + MINUTE_MS);
  await run.step();
});

test("an import of what a newer program wrote is refused, and says nothing of itself", async () => {
  const lines = async function* (version: number, readableFrom: number) {
    yield* exportJournal(await written(version, readableFrom));
  };
  const into = memoryJournal();
  await expect(importJournal(into, lines(JOURNAL_SCHEMA + 2, JOURNAL_SCHEMA + 1))).rejects.toMatchObject({
    code: "journal-newer",
  });
  await importJournal(into, lines(JOURNAL_SCHEMA, 1));
  expect(await into.read(SCHEMA_STREAM)).toEqual([]);
});
