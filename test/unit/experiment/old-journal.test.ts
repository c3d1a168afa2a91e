import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { replay } from "../../../src/core/experiment/life.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import type { JournalEntry } from "../../../src/core/model/journal.ts";
import { outcomeText } from "../../../src/core/text/outcome.ts";
import { storyOf } from "../../../src/main/print/story.ts";
import { expectGolden } from "../../support/golden.ts";

/** Written before outcomes and early alerts were known. */
const lines = readFileSync(new URL("../../../fixtures/journal/2026-11-30.ndjson", import.meta.url), "utf8");
const entries = lines
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as JournalEntry<ExperimentEvent>);
const streams = Map.groupBy(entries, ({ stream }) => stream.replace("experiment/", ""));

test("a journal of November 2026 has every kind of event of its day", () =>
  expect(new Set(entries.map(({ event }) => event.kind)).size).toBe(23));

test.each([
  [
    "not-recovered",
    "done",
    "not recovered by itself; recovered after 4 h 10 min by a rollout of Deployment go-app/go-app",
  ],
  ["recovered", "done", "recovered in 24 s; 14 requests failed"],
  ["unaffected", "done", "unaffected"],
  ["sham", "done", "no service was affected"],
  ["refused", "refused", ""],
  ["missed", "missed", ""],
  ["cancelled", "done", "no outcome: cancelled"],
  ["not-injected", "not-injected", ""],
  ["unsure", "observing", ""],
  ["closed", "done", "not recovered: 50 % of requests fail; closed by ops: fixed by hand"],
  ["natural", "observing", ""],
  ["aborted", "observing", ""],
  ["extended", "done", "unaffected"],
])("of it, the experiment %s is %s today, too", (stream, phase, says) => {
  const state = replay((streams.get(stream) ?? []).map(({ event }) => event));
  expect({ phase: state.phase, says: outcomeText(state) }).toEqual({ phase, says });
});

test("it reads like this, event by event", () =>
  expectGolden(
    "journal/2026-11-30.txt",
    [...streams].map(([name, own]) => `${name}\n${storyOf(own).lines.join("\n")}\n`).join("\n"),
  ));
