import { describe, expect, test } from "vitest";
import { handlingOf, muteAnnotation, muteEnd } from "../../../src/core/diagnose/handling.ts";
import { withoutWithdrawn } from "../../../src/core/diagnose/withdrawn.ts";
import type { FindingEvent } from "../../../src/core/model/journal.ts";
import { DAY_MS } from "../../../src/core/model/units.ts";
import { handlingTexts } from "../../../src/core/text/handling.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const BERLIN = "Europe/Berlin";
const event = (kind: FindingEvent["kind"], more: Partial<FindingEvent> = {}): FindingEvent => ({
  kind,
  experimentId: "x1",
  weakness: "stale-connection",
  workload: "Deployment/go-app/go-app",
  status: "known",
  ...more,
});
const muted = event("muted", { untilMs: NOW + DAY_MS, why: "next release", by: "ada (jane@example.com)" });

describe("what people decided about a finding", () => {
  test("a mute holds until its end, with who and why", () => {
    const handling = handlingOf([event("seen", { status: "new" }), muted], NOW);
    expect(handlingTexts(handling!, BERLIN)).toEqual([
      "muted until 2026-12-01 13:00 (Europe/Berlin) by ada (jane@example.com): next release",
    ]);
    expect(handlingOf([event("seen"), muted], NOW + DAY_MS)).toBeNull();
  });

  test("a finding that is seen again stays muted, one that regresses does not", () => {
    expect(handlingOf([muted, event("seen", { status: "known" })], NOW)?.muted).not.toBeNull();
    const back = [muted, event("not-shown", { status: "fixed" }), event("seen", { status: "regressed" })];
    expect(handlingOf(back, NOW)).toBeNull();
    const accepted = event("accepted", { why: "legacy", by: "ada" });
    expect(handlingOf([accepted, ...back.slice(1)], NOW)).toBeNull();
  });

  test("whose it is outlives a regression, and unmuting", () => {
    const all = [
      event("assigned", { owner: "payments", by: "ada" }),
      muted,
      event("unmuted"),
      event("seen", { status: "regressed" }),
    ];
    expect(handlingOf(all, NOW)).toEqual({ muted: null, accepted: null, owner: { name: "payments", by: "ada" } });
  });

  test("withdrawing what an experiment said keeps what people decided, as long as anything is left", () => {
    const kept = [event("seen"), muted, event("seen", { experimentId: "x2" })];
    const gone = event("withdrawn");
    expect(withoutWithdrawn([...kept, gone], (one) => one)).toEqual([kept[1], kept[2]]);
    expect(withoutWithdrawn([event("seen"), muted, gone], (one) => one)).toEqual([]);
  });
});

describe("the end of a mute", () => {
  test.each([
    { text: "2026-12-04", end: "2026-12-04T23:00:00Z" },
    { text: "2026-11-30", end: "2026-11-30T23:00:00Z" },
    { text: "2026-12-04T18:30", end: "2026-12-04T17:30:00Z" },
    { text: "2026-12-04T00:00", end: "2026-12-03T23:00:00Z" },
  ])("$text is $end in Berlin", ({ text, end }) => {
    expect(new Date(muteEnd(text, BERLIN, NOW)).toISOString()).toBe(end.replace("Z", ".000Z"));
  });

  test.each(["2026-11-29", "2026-11-30T12:59", "2020-01-01"])("%s is past and refused", (text) => {
    expect(() => muteEnd(text, BERLIN, NOW)).toThrow("is past");
  });

  test.each(["friday", "2026-02-30", "2026-12-04T25:00", "", "2026-12-04 18:00"])("%j is no date", (text) => {
    expect(() => muteEnd(text, BERLIN, NOW)).toThrow("is not a date");
  });

  test("an annotation has a date and a reason", () => {
    expect(muteAnnotation("2026-12-04  the driver's next release", BERLIN, NOW)).toEqual({
      untilMs: Date.parse("2026-12-04T23:00:00Z"),
      why: "the driver's next release",
    });
    expect(() => muteAnnotation("2026-12-04", BERLIN, NOW)).toThrow("has no reason");
    expect(() => muteAnnotation("2026-11-01 holiday", BERLIN, NOW)).toThrow("is past");
  });
});
