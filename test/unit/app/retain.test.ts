import { beforeEach, describe, expect, test } from "vitest";
import { archiveIn } from "../../../src/app/records/archive.ts";
import { bookOf } from "../../../src/app/records/experiment-reader.ts";
import { type RetainDeps, retain } from "../../../src/app/records/retain.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import {
  experimentStream,
  type FindingEvent,
  findingStream,
  type OperationEvent,
} from "../../../src/core/model/journal.ts";
import { DAY_MS } from "../../../src/core/model/units.ts";
import type { VerdictKind } from "../../../src/core/model/verdict.ts";
import { hitKey } from "../../../src/core/report/weekly/input.ts";
import { handClock, memoryCache, memoryJournal } from "../../support/app.ts";
import { cleared, experimentPlan, judgementOf, podChoice, T0, verdictOn } from "../../support/experiments.ts";
import { keptLog } from "../../support/storage.ts";

const never = new AbortController().signal;
const RETENTION = { seenMs: 10 * DAY_MS, detailsMs: 20 * DAY_MS, journalMs: 100 * DAY_MS };
const NOW = T0 + 1_000 * DAY_MS;

/** Steady everywhere, but for a transient effect on a stranger. */
const VERDICTS = [
  verdictOn("go-app/go-app-db", "steady"),
  verdictOn("go-app/go-app", "steady"),
  verdictOn("shop/cart", "steady"),
  verdictOn("shop/payment", "transient"),
];
const TOLD = ["go-app/go-app-db", "go-app/go-app", "shop/payment"];

describe("what is older than it is kept", () => {
  let deps: RetainDeps & { journal: ReturnType<typeof memoryJournal> };
  beforeEach(() => {
    const cache = memoryCache();
    const [clock, log, journal] = [handClock(NOW), keptLog(), memoryJournal()];
    deps = { clock, log, journal, cache, archive: archiveIn(cache, log), retention: () => RETENTION };
  });

  /**
   * An experiment `days` ago on workload `name`, all the way to its end or only to its judgement.
   */
  async function experiment(days: number, name = "go-app-db", headline: VerdictKind = "steady"): Promise<string> {
    const slotMs = NOW - days * DAY_MS;
    const id = `pods-${days}-${name}`;
    const choice = podChoice();
    const workload = { ...choice.target.workload, name };
    const judgement = {
      ...judgementOf(headline),
      verdicts: VERDICTS,
      concerned: ["go-app/go-app-db", "go-app/go-app"],
    };
    const events: readonly ExperimentEvent[] = [
      { kind: "planned", plan: experimentPlan({ id, slotMs }) },
      { kind: "chosen", choice: { ...choice, target: { ...choice.target, workload } } },
      { kind: "intended", t0Ms: slotMs },
      { kind: "injected", t0Ms: slotMs },
      cleared(slotMs),
      { kind: "judged", judgement, provisional: false },
      { kind: "diagnosed", findings: [] },
      { kind: "notified", news: [] },
    ];
    const open = headline === "persistent";
    await deps.journal.append(experimentStream(id), 0, events, { atMs: slotMs, indexMs: slotMs, open });
    await deps.archive.keepEdges(id, []);
    await deps.archive.keepSnapshot(id, "before", {} as never);
    return id;
  }
  const verdictsOf = async (id: string) =>
    (await bookOf(deps.journal).experiment(id)).judgement?.verdicts.map((one) => one.service);

  test("loses first what was seen, then verdicts without news, then all of it", async () => {
    const [fresh, unseen, compact, gone] = [
      await experiment(5),
      await experiment(15),
      await experiment(50),
      await experiment(150),
    ];
    expect(await retain(deps, never)).toEqual({ blobs: 6, compacted: 1, removed: 1 });
    expect(await deps.archive.snapshot(fresh, "before")).not.toBeNull();
    expect(await deps.archive.snapshot(unseen, "before")).toBeNull();
    expect(await verdictsOf(unseen)).toHaveLength(4);
    expect(await verdictsOf(compact)).toEqual(TOLD);
    expect((await bookOf(deps.journal).experiment(gone)).phase).toBe("new");
    expect(await retain(deps, never)).toEqual({ blobs: 0, compacted: 0, removed: 0 });
  });

  test("is the same experiment when it is compact: phase, headline, target, and a note that says what is missing", async () => {
    const id = await experiment(50);
    const before = await bookOf(deps.journal).experiment(id);
    await retain(deps, never);
    const after = await bookOf(deps.journal).experiment(id);
    expect(after.judgement?.notes).toEqual([expect.stringContaining("1 verdicts on services that did not get worse")]);
    const judgement = { ...before.judgement, verdicts: after.judgement?.verdicts, notes: after.judgement?.notes };
    expect(after).toEqual({ ...before, judgement });
  });

  test("stays whole while its damage is open, and is compacted once that is over", async () => {
    const id = await experiment(300, "go-app-db", "persistent");
    expect(await retain(deps, never)).toEqual({ blobs: 0, compacted: 0, removed: 0 });
    expect(await deps.archive.snapshot(id, "before")).not.toBeNull();
    expect(await verdictsOf(id)).toHaveLength(4);
    const { seq } = await bookOf(deps.journal).experiment(id);
    const over = { kind: "closed", why: "cured", by: "ada" } as const;
    await deps.journal.append(experimentStream(id), seq, [over], { atMs: NOW, indexMs: NOW, open: false });
    expect(await retain(deps, never)).toEqual({ blobs: 2, compacted: 1, removed: 0 });
  });

  test("still tells when each workload was last hit", async () => {
    await experiment(400);
    const last = await experiment(300);
    await experiment(200, "repeater");
    await experiment(50, "repeater");
    await retain(deps, never);
    const left = await bookOf(deps.journal).between(0, NOW);
    expect(left.map((state) => state.plan?.id)).toEqual([last, "pods-50-repeater"]);
    expect(left.map(hitKey)).toEqual(["Deployment/go-app/go-app-db", "Deployment/go-app/repeater"]);
  });

  test("still has the experiment of a finding that nobody fixed; a fixed one goes with the journal", async () => {
    const [told, fixed, newest] = [await experiment(400), await experiment(350), await experiment(300)];
    const seen = (experimentId: string): FindingEvent => ({
      kind: "seen",
      experimentId,
      weakness: "stale-connection",
      workload: "Deployment go-app/go-app",
      status: "new",
    });
    const at = (days: number, open: boolean) => ({ atMs: NOW - days * DAY_MS, indexMs: NOW - days * DAY_MS, open });
    await deps.journal.append(findingStream("standing"), 0, [seen(told)], at(400, true));
    await deps.journal.append(findingStream("mended"), 0, [seen(fixed)], at(350, true));
    const mended: FindingEvent = { ...seen(newest), kind: "not-shown", status: "fixed" };
    await deps.journal.append(findingStream("mended"), 1, [mended], at(300, false));
    await retain(deps, never);
    const left = await bookOf(deps.journal).between(0, NOW);
    expect(left.map((state) => state.plan?.id)).toEqual([told, newest]);
    expect(await deps.journal.list("finding", 0, NOW)).toEqual([findingStream("standing")]);
  });

  test("goes from the record of operations, too", async () => {
    const started: OperationEvent = { kind: "started", version: "1", mode: "sham" };
    for (const days of [150, 99]) {
      const dayMs = NOW - days * DAY_MS;
      await deps.journal.append(`operations/${days}`, 0, [started], { atMs: dayMs, indexMs: dayMs, open: false });
    }
    await retain(deps, never);
    expect(await deps.journal.list("operations", 0, NOW)).toEqual(["operations/99"]);
  });

  test("is dropped by whoever comes next when the first one is cut off", async () => {
    for (const days of [30, 40, 50]) await experiment(days);
    const cut = new AbortController();
    const sleep = deps.clock.sleep;
    deps.clock.sleep = async (ms, signal) => {
      await sleep(ms, signal);
      cut.abort(new Error("cut off"));
      signal.throwIfAborted();
    };
    await expect(retain(deps, cut.signal)).rejects.toThrow("cut off");
    deps.clock.sleep = sleep;
    expect(await retain(deps, never)).toMatchObject({ compacted: 2 });
  });
});
