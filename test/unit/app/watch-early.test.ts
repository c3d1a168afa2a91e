import { expect, test } from "vitest";
import { AftershockError } from "../../../src/core/model/error.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { noticeText } from "../../../src/core/text/notice-text.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { expectGolden } from "../../support/golden.ts";

const ID = experimentPlan().id;
const EARLY = { windowMs: MINUTE_MS, failures: 5, share: 0.05 };

/** A pod-delete whose caller fails half of its requests from half a minute on. */
async function watched(early: typeof EARLY | null = EARLY) {
  const the = world();
  the.recent = (atMs) => [
    { service: "go-app/go-app", requests: 60, failures: atMs > T0 + 30 * SECOND_MS ? 30 : 0 },
    { service: "go-app/repeater", requests: 60, failures: 0 },
  ];
  const run = await bench(the);
  const settings = { ...run.deps.settings(), earlyAlert: early };
  Object.assign(run.deps, { settings: () => settings });
  await run.step();
  replaced(the, T0 + 20 * SECOND_MS);
  return { the, run };
}
const kinds = async ({ run }: Awaited<ReturnType<typeof watched>>) =>
  (await run.journal.read(`experiment/${ID}`)).map(({ event, atMs }) => ({ kind: event.kind, atMs }));

test("services that fail are told of within a scrape, long before the verdict, and once", async () => {
  const it = await watched();
  await it.run.play(T0 + 8 * MINUTE_MS);
  const alerted = (await kinds(it)).filter(({ kind }) => kind === "alerted");
  expect(alerted).toHaveLength(1);
  expect(alerted[0]!.atMs).toBeLessThanOrEqual(T0 + 60 * SECOND_MS);
  const early = it.the.notices.filter(({ kind }) => kind === "early");
  expect(early).toHaveLength(1);
  expectGolden("reports/notice-early.txt", noticeText(early[0]!));
});

test("its readers are told the verdict, whatever it is", async () => {
  const it = await watched();
  await it.run.play(T0 + 60 * MINUTE_MS);
  const told = it.the.notices.map(({ kind }) => kind);
  expect(told[0]).toBe("early");
  expect(told.length).toBeGreaterThan(1);
});

test("without bounds in the configuration there is none", async () => {
  const it = await watched(null);
  await it.run.play(T0 + 8 * MINUTE_MS);
  expect((await kinds(it)).map(({ kind }) => kind)).not.toContain("alerted");
});

test("a source that does not answer holds nothing up", async () => {
  const it = await watched();
  it.the.recent = () => {
    throw new Error("connection refused");
  };
  await it.run.play(T0 + 60 * MINUTE_MS);
  expect((await kinds(it)).map(({ kind }) => kind)).toContain("judged");
});

test("a message that cannot be delivered is sent at a later scrape, and the alert stands in the journal at once", async () => {
  const it = await watched();
  it.the.delivery = new AftershockError("notify-failed", "Slack answered 500", { retryable: true });
  await it.run.play(T0 + 2 * MINUTE_MS);
  expect((await kinds(it)).map(({ kind }) => kind)).toContain("alerted");
  expect(it.the.notices).toEqual([]);
  it.the.delivery = "sent";
  await it.run.play(T0 + 4 * MINUTE_MS);
  expect(it.the.notices.map(({ kind }) => kind)).toEqual(["early"]);
});
