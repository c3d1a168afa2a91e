import { expect, test } from "vitest";
import { bookOf } from "../../../src/app/book.ts";
import { experimentStream } from "../../../src/core/model/journal.ts";
import { HOUR_MS } from "../../../src/core/model/units.ts";
import { memoryJournal } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

/** A journal with `count` experiments that have ended, and the streams that were read of it since. */
async function written(count: number) {
  const journal = memoryJournal();
  const read: string[] = [];
  for (let i = 0; i < count; i++) {
    const [id, slotMs] = [`pods-${i}`, T0 + i * HOUR_MS];
    const events = [
      { kind: "planned", plan: experimentPlan({ id, slotMs }) },
      { kind: "missed", why: "nobody was there" },
    ] as const;
    await journal.append(experimentStream(id), 0, events, { atMs: slotMs, indexMs: slotMs, open: false });
  }
  const book = bookOf({
    ...journal,
    read(stream) {
      read.push(stream);
      return journal.read(stream);
    },
  });
  return { book, read };
}

test("three months of experiments are read once, however often they are looked through", async () => {
  const { book, read } = await written(2_160);
  const first = await book.between(0, Number.MAX_SAFE_INTEGER);
  expect(read).toHaveLength(2_160);
  expect(await book.between(0, Number.MAX_SAFE_INTEGER)).toEqual(first);
  expect(read).toHaveLength(2_160);
});

test("an experiment that is asked for by name is read again once it was put away", async () => {
  const { book, read } = await written(200);
  await book.between(0, Number.MAX_SAFE_INTEGER);
  read.length = 0;
  expect((await book.experiment("pods-0")).phase).toBe("missed");
  expect((await book.experiment("pods-199")).phase).toBe("missed");
  expect(read).toEqual([experimentStream("pods-0")]);
});
