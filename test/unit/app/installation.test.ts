import { describe, expect, test } from "vitest";
import { examine } from "../../../src/app/doctor/examine.ts";
import { archiveIn } from "../../../src/app/records/archive.ts";
import { installationOf } from "../../../src/app/records/installation.ts";
import { retain } from "../../../src/app/records/retain.ts";
import { exportJournal, importJournal } from "../../../src/app/records/transfer-journal.ts";
import { DAY_MS, HOUR_MS } from "../../../src/core/model/units.ts";
import type { IntentNote } from "../../../src/ports/lease.ts";
import { bench, handClock, memoryCache, memoryJournal, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { keptLog } from "../../support/storage.ts";

const never = new AbortController().signal;

describe("an installation", () => {
  const unasked = () => {
    throw new Error("has a name already");
  };

  test("gets its name once, and keeps it as long as its journal", async () => {
    const [clock, journal, cache, log] = [handClock(T0), memoryJournal(), memoryCache(), keptLog()];
    expect(await installationOf({ clock, journal }, () => "chaos/aftershock-1")).toBe("chaos/aftershock-1");
    clock.moveTo(T0 + 1_000 * DAY_MS);
    const retention = { seenMs: DAY_MS, detailsMs: DAY_MS, journalMs: DAY_MS };
    await retain({ clock, log, journal, cache, archive: archiveIn(cache, log), retention: () => retention }, never);
    expect(await installationOf({ clock, journal }, unasked)).toBe("chaos/aftershock-1");
  });

  test("has one name when two replicas start at the same moment", async () => {
    const [clock, journal] = [handClock(T0), memoryJournal()];
    const names = await Promise.all(["a", "b"].map((name) => installationOf({ clock, journal }, () => name)));
    expect(new Set(names).size).toBe(1);
  });

  test("moves with its journal to another storage, unless that one has a name", async () => {
    const clock = handClock(T0);
    const [old, empty, named] = [memoryJournal(), memoryJournal(), memoryJournal()];
    await installationOf({ clock, journal: old }, () => "old");
    await installationOf({ clock, journal: named }, () => "named");
    for (const journal of [empty, named]) await importJournal(journal, exportJournal(old));
    expect(await installationOf({ clock, journal: empty }, unasked)).toBe("old");
    expect(await installationOf({ clock, journal: named }, unasked)).toBe("named");
  });
});

describe("doctor, of the lease", () => {
  const lookedAt = async (last: IntentNote | null, laterMs = HOUR_MS) => {
    const { deps, clock } = await bench(world());
    clock.moveTo(T0 + laterMs);
    const teams = { now: () => ({ sound: [], refused: [], unread: [] }) };
    const lease = { ...deps.lease, lastIntent: async () => last };
    const checks = await examine({ ...deps, teams, lease, rights: [], storage: async () => [] }, never);
    return checks.find(({ what }) => what === "lease");
  };
  const intent = (experimentId: string): IntentNote => ({ experimentId, t0Ms: T0, target: "go-app/repeater-0" });

  test.each([
    { name: "nobody injected yet", last: null },
    { name: "the last injection is in the journal", last: intent(experimentPlan().id) },
    { name: "the last injection is older than a day", last: intent("other-1"), laterMs: 2 * DAY_MS },
  ])("finds nothing wrong when $name", async ({ last, laterMs }) => {
    expect(await lookedAt(last, laterMs)).toMatchObject({ ok: true });
  });

  test("warns of somebody with another storage", async () => {
    expect(await lookedAt(intent("other-1"))).toMatchObject({
      ok: false,
      says: expect.stringContaining("this storage does not know it"),
    });
  });
});
