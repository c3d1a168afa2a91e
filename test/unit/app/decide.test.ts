import { expect, test } from "vitest";
import { decide, followAnnotation } from "../../../src/app/diagnose/decide.ts";
import { handlingOf } from "../../../src/core/diagnose/handling.ts";
import { type FindingEvent, findingStream } from "../../../src/core/model/journal.ts";
import { DAY_MS } from "../../../src/core/model/units.ts";
import { handClock, memoryJournal } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const FIRST = "stale-connection:Deployment:go-app:go-app";
const OTHER = "stale-connection:Deployment:go-app:repeater";
const seen = (status: FindingEvent["status"]): FindingEvent => ({
  kind: "seen",
  experimentId: "x1",
  weakness: "stale-connection",
  workload: "Deployment/go-app/go-app",
  title: "go-app does not reconnect",
  provokedBy: "StatefulSet/go-app/go-app-db",
  status,
});

async function known() {
  const journal = memoryJournal();
  const clock = handClock(T0);
  const write = (fingerprint: string, seq: number, event: FindingEvent) =>
    journal.append(findingStream(fingerprint), seq, [event], { atMs: T0, indexMs: T0, open: true });
  await write(FIRST, 0, seen("new"));
  await write(OTHER, 0, seen("new"));
  const events = async () => (await journal.read(findingStream(FIRST))).map(({ event }) => event as FindingEvent);
  const warned: unknown[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (...all: unknown[]) => void warned.push(all) };
  return { deps: { journal, clock, log }, events, warned, write };
}

test("a decision is written down with who made it, beside what was said before", async () => {
  const { deps, events } = await known();
  const mute = { kind: "muted", by: "ada (jane@example.com)", why: "next release", untilMs: T0 + DAY_MS } as const;
  expect((await decide(deps, `${FIRST}`, mute)).fingerprint).toBe(FIRST);
  expect((await events()).at(-1)).toEqual({ ...seen("new"), ...mute });
});

test("a finding is known by how its id begins, as long as no other begins so", async () => {
  const { deps } = await known();
  const accept = { kind: "accepted", by: "ada", why: "legacy" } as const;
  expect((await decide(deps, FIRST.slice(0, -2), accept)).fingerprint).toBe(FIRST);
  for (const start of ["stale", "", "no-such"])
    await expect(decide(deps, start, accept)).rejects.toMatchObject({ code: "not-found" });
});

test("an annotation mutes once; a regression ends it, and only another text mutes again", async () => {
  const { deps, events, write } = await known();
  const follow = (text: string) =>
    followAnnotation(deps, { fingerprint: FIRST, text, workload: "Deployment/go-app/go-app", timezone: "UTC" });
  await follow("2026-03-20 next release");
  await follow("2026-03-20 next release");
  expect((await events()).map(({ kind }) => kind)).toEqual(["seen", "muted"]);
  expect(handlingOf(await events(), T0)?.muted?.by).toBe("the annotation of Deployment/go-app/go-app");
  await write(FIRST, 2, seen("regressed"));
  await follow("2026-03-20 next release");
  expect(handlingOf(await events(), T0)).toBeNull();
  await follow("2026-03-27 another release");
  expect(handlingOf(await events(), T0)?.muted?.why).toBe("another release");
});

test("an annotation whose end is past is ignored, and logged with its workload", async () => {
  const { deps, events, warned } = await known();
  await followAnnotation(deps, {
    fingerprint: FIRST,
    text: "2026-03-01 late",
    workload: "go-app/go-app",
    timezone: "UTC",
  });
  expect(await events()).toHaveLength(1);
  expect(JSON.stringify(warned)).toMatch(/go-app\/go-app.*is past/);
});
