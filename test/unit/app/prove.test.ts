import { describe, expect, test } from "vitest";
import { whyUnproven } from "../../../src/app/judge/prove.ts";
import { unprovenIn, withoutProof } from "../../../src/core/experiment/proof.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { outcomeText } from "../../../src/core/text/outcome.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { experimentPlan, T0, verdictOn } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";

const ID = experimentPlan().id;
const ABORT: Fault = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 };
const DELAY: Fault = { kind: "http-delay", durationMs: 5 * MINUTE_MS, delayMs: 2_000, percent: 50 };
const never = new AbortController().signal;

/**
 * An experiment with this fault, whose metrics saw so many requests with a flag of it, followed to
 * its verdict.
 */
async function judged(fault: Fault, injected: (() => Promise<number>) | undefined, failing = 0) {
  const the = world();
  the.failureShare = (_service, atMs) => (atMs >= T0 ? failing : 0);
  const run = await bench(the);
  const asked: unknown[] = [];
  const metrics = { ...run.deps.metrics };
  if (injected !== undefined)
    metrics.injected = async (...args) => {
      asked.push(args.slice(0, 2));
      return injected();
    };
  const before = run.deps.policyOf;
  Object.assign(run.deps, {
    metrics,
    policyOf: (plan: never) => ({ ...(before(plan) ?? policy()), faults: [{ weight: 1, fault }] }),
  });
  await run.step();
  if (fault.kind.startsWith("pod-")) replaced(the, T0 + 20 * SECOND_MS);
  await run.play(T0 + 3 * HOUR_MS);
  return { state: await run.deps.book.experiment(ID), asked };
}

describe.each([ABORT, DELAY])("an $kind", (fault) => {
  const flag = fault.kind === "http-abort" ? "FI" : "DI";
  test("that nobody saw is inconclusive, never steady", async () => {
    const { state, asked } = await judged(fault, async () => 0);
    expect(state.judgement?.headline).toBe("inconclusive");
    expect(state.judgement?.verdicts.map((one) => one.verdict)).not.toContainEqual({ kind: "steady" });
    expect(state.judgement?.notes.at(-1)).toMatch(
      new RegExp(`^The fault was not seen: no request to go-app/\\S+ carried Envoy's response flag ${flag} between`),
    );
    expect(outcomeText(state)).toContain("fault not seen");
    const [[, window]] = asked as [[unknown, { fromMs: number; toMs: number }]];
    expect(window).toEqual({ fromMs: T0, toMs: expect.any(Number) });
    expect(window.toMs - T0).toBeGreaterThanOrEqual(6 * MINUTE_MS);
  });
  test("that nobody saw is not to blame for what got worse meanwhile", async () => {
    const { state } = await judged(fault, async () => 0, 0.5);
    expect(state.judgement).toMatchObject({ headline: "inconclusive", origin: null });
  });
  test("that one request felt is judged as it is", async () => {
    expect((await judged(fault, async () => 1)).state.judgement?.headline).toBe("steady");
  });
  test("of which the source cannot tell is judged as it is", async () => {
    expect((await judged(fault, undefined)).state.judgement?.headline).toBe("steady");
  });
  test("of which the source does not answer waits", async () => {
    let fails = 3;
    const { state } = await judged(fault, async () => {
      if (fails-- > 0) throw new AftershockError("source-unavailable", "away", { retryable: true });
      return 5;
    });
    expect(state.judgement?.headline).toBe("steady");
    expect(fails).toBeLessThan(0);
  });
});

describe("a pod fault", () => {
  test("asks nobody for flags", async () => {
    const { state, asked } = await judged({ kind: "pod-delete" }, async () => 0);
    expect(state.judgement?.headline).toBe("steady");
    expect(asked).toEqual([]);
  });

  const stateOf = async (changes: object) => {
    const { state } = await judged({ kind: "pod-delete" }, undefined);
    return { ...state, ...changes } as typeof state;
  };
  const forgotten = { snapshot: async () => null };
  const pods = (list: readonly object[]) => ({
    ...{ metrics: {}, archive: forgotten },
    cluster: { podsOf: async () => list as never },
  });

  test("after which nothing took the pod's place is no evidence", async () => {
    const state = await stateOf({ clearHow: "late" });
    const found = await whyUnproven(pods([]), state, never);
    expect(found).toEqual({
      why: expect.stringMatching(/^The fault was not seen: nothing took the place of /),
      spoils: "steady",
    });
  });
  test.each([
    { name: "that was whole again in time", changes: { clearHow: "replaced" }, list: [] },
    { name: "whose replacement came late", changes: { clearHow: "late" }, list: [{ uid: "new", createdAtMs: T0 + 1 }] },
    { name: "of a sham", changes: { clearHow: "late", injection: "pretended" }, list: [] },
    { name: "that happened by itself", changes: { clearHow: "late", injection: "happened" }, list: [] },
  ])("$name is", async ({ changes, list }) =>
    expect(await whyUnproven(pods(list), await stateOf(changes), never)).toBeNull(),
  );
  test("whose replacement looks older, for the API server's clock was set back, is", async () => {
    const state = await stateOf({ clearHow: "late" });
    const hit = state.choice!.target.pods[0]!;
    const one = { uid: "one", createdAtMs: T0 - HOUR_MS };
    const knowing = (uids: readonly string[]) => ({
      ...pods([one]),
      archive: { snapshot: async () => ({ pods: uids.map((uid) => ({ uid })) }) as never },
    });
    expect(await whyUnproven(knowing([hit.uid]), state, never)).toBeNull();
    expect(await whyUnproven(knowing([hit.uid, "one"]), state, never)).toMatchObject({ spoils: "steady" });
  });
  test("is told nothing of by a cluster that does not answer", async () => {
    const cluster = { podsOf: () => Promise.reject(new Error("away")) };
    expect(
      await whyUnproven({ metrics: {}, cluster, archive: forgotten }, await stateOf({ clearHow: "late" }), never),
    ).toBeNull();
  });
});

describe("a judgement without proof", () => {
  const judgement = {
    verdicts: [verdictOn("shop/a", "steady"), verdictOn("shop/b", "persistent")],
    ...{ origin: "shop/b", headline: "persistent" as const, learning: false, notes: [], sourceRequests: 1 },
  };
  test("keeps what got worse where only calm is no evidence, and says the same again", () => {
    const found = withoutProof(judgement, { why: "w", spoils: "steady" });
    expect(found).toMatchObject({ headline: "persistent", origin: "shop/b", notes: ["w"] });
    expect(found.verdicts.map((one) => one.verdict.kind)).toEqual(["inconclusive", "persistent"]);
    expect(withoutProof(judgement, unprovenIn(found)!)).toEqual(found);
  });
  test("keeps nothing where the fault did not act, and says the same again", () => {
    const found = withoutProof(judgement, { why: "w", spoils: "every" });
    expect(found).toMatchObject({ headline: "inconclusive", origin: null });
    expect(withoutProof(judgement, unprovenIn(found)!)).toEqual(found);
  });
  test("one that was proven says so", () => expect(unprovenIn(judgement)).toBeNull());
});
