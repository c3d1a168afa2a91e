import { expect, test } from "vitest";
import { pack, unpack } from "../../../src/adapters/storage/packed.ts";
import { bookOf } from "../../../src/app/records/experiment-reader.ts";
import { compactState } from "../../../src/core/experiment/compact.ts";
import { replay } from "../../../src/core/experiment/life.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import { experimentStream } from "../../../src/core/model/journal.ts";
import { HOUR_MS } from "../../../src/core/model/units.ts";
import { memoryJournal } from "../../support/app.ts";
import { cleared, experimentPlan, judgementOf, podChoice, T0, verdictOn } from "../../support/experiments.ts";

const ALL = Number.MAX_SAFE_INTEGER;

/**
 * An experiment on go-app-db (or a sham) that found everything steady, as long after T0 as it is
 * told.
 */
function ended(id: string, slotMs: number, sham = false): readonly ExperimentEvent[] {
  const verdicts = [verdictOn("go-app/go-app-db", "steady"), verdictOn("shop/cart", "steady")];
  const done: readonly ExperimentEvent[] = sham
    ? [{ kind: "pretended", t0Ms: slotMs }]
    : [
        { kind: "intended", t0Ms: slotMs },
        { kind: "injected", t0Ms: slotMs },
      ];
  return [
    { kind: "planned", plan: experimentPlan({ id, slotMs, sham }) },
    { kind: "chosen", choice: podChoice() },
    ...done,
    cleared(slotMs),
    { kind: "judged", judgement: { ...judgementOf("steady"), verdicts }, provisional: false },
    { kind: "diagnosed", findings: [] },
    { kind: "notified", news: [] },
  ];
}

const missed = (id: string, slotMs: number): readonly ExperimentEvent[] => [
  { kind: "planned", plan: experimentPlan({ id, slotMs }) },
  { kind: "missed", why: "nobody was there" },
];

/**
 * A journal with `count` experiments, one an hour from T0 on, and the streams that were read of it
 * since.
 */
async function written(count: number, eventsOf: (id: string, slotMs: number) => readonly ExperimentEvent[] = missed) {
  const journal = memoryJournal();
  const read: string[] = [];
  for (let i = 0; i < count; i++) {
    const [id, slotMs] = [`pods-${i}`, T0 + i * HOUR_MS];
    await journal.append(experimentStream(id), 0, eventsOf(id, slotMs), { atMs: slotMs, indexMs: slotMs, open: false });
  }
  const counted = {
    ...journal,
    read(stream: string) {
      read.push(stream);
      return journal.read(stream);
    },
  };
  return { book: bookOf(counted, { pack, unpack }), read };
}

test("three months of experiments are read once, however often they are looked through", async () => {
  const { book, read } = await written(2_160);
  const first = await book.between(0, ALL);
  expect(read).toHaveLength(2_160);
  expect(await book.between(0, ALL)).toEqual(first);
  expect(read).toHaveLength(2_160);
});

test("what was looked through comes back as it was read, without the verdicts that nobody was told of", async () => {
  const { book } = await written(3, ended);
  const wanted = [0, 1, 2].map((i) => compactState(replay(ended(`pods-${i}`, T0 + i * HOUR_MS))));
  expect(wanted[0]?.judgement?.verdicts.map((one) => one.service)).toEqual(["go-app/go-app-db"]);
  expect(await book.between(0, ALL)).toEqual(wanted);
  expect(await book.between(0, ALL)).toEqual(wanted);
});

test("an experiment that is asked for by name has all its verdicts", async () => {
  const { book } = await written(3, ended);
  await book.between(0, ALL);
  expect((await book.experiment("pods-1")).judgement?.verdicts).toHaveLength(2);
});

test("an experiment that is asked for by name again soon is read once, and again once others came after it", async () => {
  const { book, read } = await written(20);
  await book.experiment("pods-0");
  await book.experiment("pods-0");
  expect(read).toEqual([experimentStream("pods-0")]);
  for (let i = 1; i < 20; i++) await book.experiment(`pods-${i}`);
  read.length = 0;
  expect((await book.experiment("pods-0")).phase).toBe("missed");
  expect(read).toEqual([experimentStream("pods-0")]);
});

test("of a year only those that are asked for are read", async () => {
  const { book, read } = await written(8_760);
  const ids = await book.ids(0, ALL);
  expect(ids).toHaveLength(8_760);
  expect(read).toHaveLength(0);
  expect(await book.newest(3, 0, ALL)).toEqual(await book.some(ids.slice(-3)));
  read.length = 0;
  const states = await book.some(ids.slice(-6, -3));
  expect(states.map((state) => state.plan?.id)).toEqual(["pods-8754", "pods-8755", "pods-8756"]);
  expect(read).toHaveLength(3);
});

test("whom a year of experiments hit is read once, and does not put away what is looked through often", async () => {
  const { book, read } = await written(8_760, ended);
  const from = T0 + 6_600 * HOUR_MS;
  await book.between(from, ALL);
  expect(await book.lastHits(0, ALL)).toEqual(new Map([["Deployment/go-app/go-app-db", T0 + 8_759 * HOUR_MS]]));
  expect(read).toHaveLength(8_760);
  await book.lastHits(0, ALL);
  await book.between(from, ALL);
  expect(read).toHaveLength(8_760);
});

test("a sham and a slot that was missed hit nobody", async () => {
  const { book } = await written(4, (id, slotMs) => (id === "pods-3" ? missed(id, slotMs) : ended(id, slotMs, true)));
  expect(await book.lastHits(0, ALL)).toEqual(new Map());
});
