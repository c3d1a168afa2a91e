import { expect, test } from "vitest";
import { storyOf } from "../../../src/main/print/story.ts";
import { T0 } from "../../support/experiments.ts";
import { judgement, STORY_VERDICTS } from "../../support/story.ts";
import { experimentEvents, STEADY } from "../../support/week.ts";

const linesOf = (events: ReturnType<typeof experimentEvents>): readonly string[] =>
  storyOf(events.map((event, i) => ({ stream: "experiment/e", seq: i + 1, atMs: T0 + i * 1_000, event }))).lines;

test("the story of an experiment says what its verdict cost the metrics source, just before the verdict", () => {
  const lines = linesOf(
    experimentEvents({ slotMs: T0, on: "go-app-db", judged: { ...judgement(STORY_VERDICTS), sourceRequests: 4 } }),
  );
  const at = lines.findIndex((line) => line.endsWith("judged from 4 requests to the metrics source"));
  expect(lines[at + 1]).toMatch(/outcome: not recovered/);
});

test("one request is told as one", () =>
  expect(linesOf(experimentEvents({ slotMs: T0, judged: { ...STEADY, sourceRequests: 1 } })).join("\n")).toContain(
    "judged from 1 request to the metrics source",
  ));

test("the story of a sham says how its minute looked among those that could have been drawn", () => {
  const minutes = [{ test: null, counts: [50, 0, 7, 3], drawn: 2 }];
  const final = { kind: "finalised", checks: [], minutes, findings: [], news: [] } as const;
  const events = experimentEvents({ slotMs: T0, sham: true, judged: STEADY, later: [final] }).map((event) =>
    event.kind === "judged" ? { ...event, compared: true } : event,
  );
  expect(linesOf(events).at(-1)).toContain("looked as bad at 10 of the 60 minutes that could have been drawn");
});
