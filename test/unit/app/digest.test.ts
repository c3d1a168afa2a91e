import { expect, test } from "vitest";
import { type DigestRule, routed } from "../../../src/app/notify/routed.ts";
import { beginDigests, sendDigests } from "../../../src/app/notify/send-digests.ts";
import { planAhead } from "../../../src/app/schedule/plan-ahead.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { inZone } from "../../../src/core/text/moment.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import { type Bench, bench, replaced, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const never = new AbortController().signal;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const DAILY: DigestRule = { cron: "0 12 * * *", everything: false };
const NOON = Date.parse("2026-03-06T12:00:00Z");

/**
 * One experiment on go-app, whose requests fail from the injection until `backMs`, told by a
 * channel that has its messages together.
 */
async function told(backMs: number, digest: DigestRule = DAILY) {
  const the = world();
  the.failureShare = (service, atMs) => (service === "go-app/go-app" && atMs > T0 && atMs < backMs ? 0.5 : 0);
  const run = await bench(the);
  const got: Notice[] = [];
  const channel = {
    async send(notice: Notice) {
      if (typeof the.delivery !== "string") throw the.delivery;
      got.push(notice);
      return the.delivery;
    },
  };
  Object.assign(run.deps, {
    notifier: routed({ named: new Map(), routes: [], rest: channel, restDigest: digest }, silent),
  });
  await beginDigests(run.deps);
  await run.step();
  replaced(the, T0 + 20 * SECOND_MS);
  return { the, run, got };
}

async function digestAt(run: Bench, atMs: number): Promise<void> {
  run.clock.moveTo(Math.max(atMs, run.clock.nowMs()));
  await sendDigests(run.deps, atMs, never);
}

const newsOf = async (run: Bench) =>
  run.journal.entries().flatMap(({ event }) => (event.kind === "notified" ? event.news : []));

test("what recovered by itself waits for the digest, and the journal says so", async () => {
  const { run, got } = await told(T0 + 3 * MINUTE_MS);
  await run.play(T0 + 2 * HOUR_MS);
  expect(got).toEqual([]);
  expect(await newsOf(run)).toEqual([expect.stringMatching(/:degraded \(in the digest\)$/)]);
  await digestAt(run, NOON);
  expect(got.map(({ kind, title }) => [kind, title])).toEqual([["digest", "1 message of test"]]);
  expect(got[0]?.impact).toEqual([
    { service: "go-app/go-app", line: "failed 50 % of requests and recovered in 3 min" },
  ]);
  expect(inZone(got[0]?.summary ?? "", "UTC")).toMatch(
    /^News of 1 experiment since 2026-03-06 09:\d\d:\d\d \(UTC\)\.$/,
  );
});

test("what did not recover is told at once, and is in no digest", async () => {
  const { run, got } = await told(Number.POSITIVE_INFINITY);
  await run.play(T0 + HOUR_MS);
  expect(got.map(({ kind }) => kind)).toEqual(["degraded"]);
  await digestAt(run, NOON);
  expect(got.map(({ kind }) => kind)).not.toContain("digest");
});

test("what is urgent waits, too, if that is asked for: the digest tells what is open", async () => {
  const { run, got } = await told(Number.POSITIVE_INFINITY, { ...DAILY, everything: true });
  await run.play(NOON - MINUTE_MS);
  expect(got).toEqual([]);
  await digestAt(run, NOON);
  await sendDigests(run.deps, NOON, never);
  const [digest, ...others] = got;
  expect(others).toEqual([]);
  expect(digest).toMatchObject({ kind: "digest", severity: "bad" });
  expect(digest?.impact).toEqual([{ service: "go-app/go-app", line: expect.stringMatching(/^has been worse for /) }]);
});

test("is sent once, and nothing of it again the next day; nothing is no message", async () => {
  const { run, got } = await told(T0 + 3 * MINUTE_MS);
  await run.play(T0 + 2 * HOUR_MS);
  await digestAt(run, NOON);
  await sendDigests(run.deps, NOON, never);
  await digestAt(run, NOON + DAY_MS);
  expect(got).toHaveLength(1);
});

test("that could not be sent is sent with the next one", async () => {
  const { the, run, got } = await told(T0 + 3 * MINUTE_MS);
  await run.play(T0 + 2 * HOUR_MS);
  the.delivery = new AftershockError("notify-failed", "500", { retryable: true });
  run.clock.moveTo(NOON);
  await expect(sendDigests(run.deps, NOON, never)).rejects.toThrow("could not be delivered yet");
  the.delivery = "sent";
  await digestAt(run, NOON + DAY_MS);
  expect(got).toHaveLength(1);
});

test("leaves out what was told before the channel had digests", async () => {
  const { run, got } = await told(T0 + 3 * MINUTE_MS, { cron: "0 12 * * *", everything: false });
  const { digests = [] } = run.deps.notifier;
  await run.play(T0 + 2 * HOUR_MS);
  run.clock.moveTo(T0 + 2 * HOUR_MS);
  const later = {
    ...run.deps,
    notifier: { ...run.deps.notifier, digests: digests.map((one) => ({ ...one, channel: "new" })) },
  };
  await beginDigests(later);
  await beginDigests(later);
  run.clock.moveTo(NOON);
  await sendDigests(later, NOON, never);
  expect(got).toEqual([]);
  expect(run.journal.entries().filter(({ event }) => event.kind === "digested")).toHaveLength(2);
});

test("a worker is woken for the next one, and for none that is not due", async () => {
  const { run, got } = await told(T0 + 3 * MINUTE_MS);
  await run.play(T0 + 2 * HOUR_MS);
  const keys: string[] = [];
  const queue = {
    wake: async (key: string) => void keys.push(key),
    start: async () => undefined,
    close: async () => undefined,
  };
  const settings = () => ({ ...run.deps.settings(), policies: [] });
  await planAhead({ ...run.deps, settings, queue, reportSchedule: () => null });
  expect(keys).toEqual([`digests/${NOON}`]);
  await digestAt(run, NOON - HOUR_MS);
  expect(got).toEqual([]);
});
