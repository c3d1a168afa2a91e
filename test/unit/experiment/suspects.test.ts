import { describe, expect, test } from "vitest";
import { replay } from "../../../src/core/experiment/life.ts";
import { repeatFor, repeatsWanted } from "../../../src/core/experiment/repeats.ts";
import { evidenceOf, suspectedBefore, suspectsOf } from "../../../src/core/experiment/suspects.ts";
import type { Confirmation, ExperimentEvent, ExperimentState } from "../../../src/core/model/experiment.ts";
import { DAY_MS } from "../../../src/core/model/units.ts";
import type { SignalVerdict } from "../../../src/core/model/verdict.ts";
import { randomFrom } from "../../../src/core/random.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";
import { judgement, recovered, signalVerdict } from "../../support/story.ts";
import { experimentEvents, idOf } from "../../support/week.ts";

const POLICY = experimentPlan().policy;
const bad = (p: number | null = 1e-4): SignalVerdict => signalVerdict("go-app", "failures", recovered(24_000), { p });
const good = (p = 0.5): SignalVerdict => signalVerdict("go-app", "failures", { kind: "steady" }, { p });
const confounded = signalVerdict("go-app", "failures", {
  kind: "inconclusive",
  why: "confounded",
  detail: "others were disturbed, too",
});

interface Did {
  readonly on?: string;
  readonly sham?: boolean;
  readonly confirms?: Confirmation;
}

/** The experiment of day `day`. */
function run(
  day: number,
  verdict: SignalVerdict,
  { on = "go-app-db", sham = false, confirms }: Did = {},
): ExperimentState {
  const events: ExperimentEvent[] = experimentEvents({
    slotMs: T0 + day * DAY_MS,
    on,
    sham,
    judged: judgement([verdict]),
  });
  return replay(
    events.map((event) =>
      event.kind === "chosen" && confirms !== undefined ? { ...event, choice: { ...event.choice, confirms } } : event,
    ),
  );
}
const first = idOf(T0);
const again: Did = { confirms: { of: first, why: "suspected" } };

describe("what one experiment found", () => {
  test("is suspected, with the evidence of its p", () =>
    expect(suspectsOf([run(0, bad())])).toMatchObject([
      {
        fault: "pod-delete",
        workload: { name: "go-app-db" },
        service: "go-app/go-app",
        signal: "failures",
        openedBy: first,
        policy: POLICY,
        evidence: expect.closeTo(50, 6),
        runs: 1,
        shownBy: [first],
        repeats: 0,
        standing: "suspected",
      },
    ]));

  test("is confirmed when two experiments multiply to 1 in 100", () =>
    expect(suspectsOf([run(0, bad()), run(1, bad(), again)])).toMatchObject([
      { evidence: expect.closeTo(2_500, 3), runs: 2, repeats: 1, standing: "confirmed" },
    ]));

  test("needs more evidence the more is suspected", () => {
    const other = (day: number) => run(day, bad(0.02), { on: "repeater" });
    const two = [run(0, bad(0.0009)), run(1, bad(0.0009))];
    expect(suspectsOf(two)[0]).toMatchObject({ evidence: expect.closeTo(277.8, 1), standing: "confirmed" });
    const crowd = [...two, other(2), run(3, bad(0.02), { on: "search" })];
    expect(suspectsOf(crowd).map((one) => one.standing)).toEqual(["suspected", "suspected", "suspected"]);
  });

  test.each([
    { name: "one experiment, however sure", states: [run(0, bad(1e-300))] },
    { name: "a p of nothing", states: [run(0, bad(0))] },
    { name: "one that showed it and one that did not", states: [run(0, bad(1e-300)), run(1, good())] },
  ])("is not confirmed by $name", ({ states }) => {
    const [suspect] = suspectsOf(states);
    expect(suspect?.standing).toBe("suspected");
    expect(suspect?.evidence).toBeLessThanOrEqual(500);
  });

  test("loses evidence when it does not show again", () =>
    expect(suspectsOf([run(0, bad()), run(1, good(1))])[0]).toMatchObject({
      evidence: expect.closeTo(25, 6),
      runs: 2,
    }));

  test.each([
    { name: "another workload", state: run(1, bad(), { on: "repeater" }) },
    { name: "a sham", state: run(1, bad(), { sham: true }) },
    { name: "an experiment that could not tell", state: run(1, confounded) },
    { name: "one before it was suspected", state: run(-1, good()) },
  ])("is left alone by $name", ({ state }) => {
    const suspect = suspectsOf([run(0, bad()), state]).find((one) => one.openedBy === first);
    expect(suspect).toMatchObject({ runs: 1, evidence: expect.closeTo(50, 6) });
  });

  test("without a p is no evidence", () => {
    expect(evidenceOf(bad(null))).toBeNull();
    expect(evidenceOf(confounded)).toBeNull();
    expect(suspectsOf([run(0, bad(null))])).toEqual([]);
  });

  test("is never confirmed by chance more often than in one of a hundred, however long one goes on", () => {
    const random = randomFrom(11);
    let crossed = 0;
    for (let i = 0; i < 4_000; i++) {
      let product = 1;
      for (let n = 0; n < 20 && product < 100; n++) product *= evidenceOf(bad(random.next())) ?? 1;
      if (product >= 100) crossed++;
    }
    expect(crossed / 4_000).toBeLessThan(0.01);
  });
});

/**
 * A run with what its minutes scored: the drawn one was the only one on level 8, or the drawn one
 * was like all others.
 */
const withMinutes = (state: ExperimentState, worst: boolean, service = "go-app/go-app"): ExperimentState => {
  const counts = worst ? [59, 0, 0, 0, 0, 0, 0, 0, 1] : [60];
  return { ...state, minutes: [{ test: { service, signal: "failures" }, counts, drawn: counts.length - 1 }] };
};

describe("what the minutes of the draws say of a suspect", () => {
  test("comes from the experiments after the one that found it: that one is known because it looked bad", () => {
    expect(suspectsOf([withMinutes(run(0, bad()), true)])[0]?.minutes).toBeNull();
    const states = [0, 1, 2].map((day) => withMinutes(run(day, bad()), true));
    expect(suspectsOf(states)[0]?.minutes).toEqual({ share: expect.closeTo(60 ** -2, 9), runs: 2 });
  });

  test("counts those that showed nothing, and those that could not tell", () => {
    const states = [run(0, bad()), withMinutes(run(1, good()), false), withMinutes(run(2, confounded), false)];
    expect(suspectsOf([...states, withMinutes(run(3, bad()), true)])[0]?.minutes).toEqual({
      share: expect.closeTo(1 / 60, 9),
      runs: 3,
    });
  });

  test("is not told where not even the worst choice could be told from one in twenty", () => {
    const few = (state: ExperimentState, counts: readonly number[]): ExperimentState => {
      const test = { service: "go-app/go-app", signal: "failures" } as const;
      return { ...state, minutes: [{ test, counts, drawn: counts.length - 1 }] };
    };
    const told = (counts: readonly number[]) => suspectsOf([run(0, bad()), few(run(1, bad()), counts)])[0]?.minutes;
    expect(told([1])).toBeNull();
    expect(told([7, 0, 1])).toBeNull();
    expect(told([100])).toBeNull();
    expect(told([19, 0, 1])).toMatchObject({ runs: 1 });
  });

  test("leaves out another service, another workload and a sham", () => {
    const others = [
      withMinutes(run(1, bad()), true, "go-app/repeater"),
      withMinutes(run(2, bad(), { on: "repeater" }), true),
      withMinutes(run(3, bad(), { sham: true }), true),
    ];
    const suspect = suspectsOf([run(0, bad()), ...others]).find((one) => one.openedBy === first);
    expect(suspect?.minutes).toBeNull();
  });

  test("is wrong no more often than it says, although what looks bad is called bad and the first one is chosen for that", () => {
    const random = randomFrom(23);
    // 60 minutes with a burst in them: the higher the level, the smaller the p of the verdict
    const counts = [20, 14, 9, 7, 4, 2, 1, 1, 1, 1];
    const drawnIn = (state: ExperimentState, drawn: number): ExperimentState => {
      const test = { service: "go-app/go-app", signal: "failures" } as const;
      return { ...state, minutes: [{ test, counts, drawn }] };
    };
    const levels = counts.flatMap((count, level) => new Array<number>(count).fill(level));
    const looked = (day: number): ExperimentState => {
      const level = levels[Math.floor(random.next() * levels.length)]!;
      return drawnIn(run(day, level >= 4 ? bad(10 ** (-level / 2)) : good()), level);
    };
    const shares: number[] = [];
    while (shares.length < 1_500) {
      const share = suspectsOf([0, 1, 2, 3, 4].map(looked))[0]?.minutes?.share;
      if (share !== undefined) shares.push(share);
    }
    for (const level of [0.05, 0.2, 0.5]) {
      const slack = 3 * Math.sqrt((level * (1 - level)) / shares.length);
      expect(shares.filter((share) => share <= level).length / shares.length).toBeLessThan(level + slack);
    }
  });

  test("is gathered for what was suspected before an experiment, whatever that one finds", () => {
    const before = [run(0, bad()), run(1, good())];
    const expected = [{ service: "go-app/go-app", signal: "failures" }];
    for (const verdict of [bad(), good(), confounded]) {
      const own = run(2, verdict);
      expect(suspectedBefore([...before, own, run(3, bad(1e-9))], own)).toEqual(expected);
    }
    expect(suspectedBefore(before, run(2, bad(), { sham: true }))).toEqual([]);
    expect(suspectedBefore(before, run(2, bad(), { on: "repeater" }))).toEqual([]);
    expect(suspectedBefore([run(0, bad())], run(0, bad()))).toEqual([]);
  });
});

describe("what is repeated", () => {
  const wanted = (states: readonly ExperimentState[], most = 3) => repeatsWanted(POLICY, most, states);

  test("a suspect, by the same fault on the same workload", () =>
    expect(wanted([run(0, bad())])).toEqual([
      { of: first, why: "suspected", fault: "pod-delete", workload: "Deployment/go-app/go-app-db" },
    ]));

  test("no more often than the limit says", () => {
    const states = [run(0, bad(0.04)), run(1, good(), again), run(2, good(), again)];
    expect(wanted(states)).toHaveLength(1);
    expect(wanted([...states, run(3, good(), again)])).toEqual([]);
  });

  test("not what is confirmed, not what another policy found, not a sham", () => {
    expect(wanted([run(0, bad()), run(1, bad())])).toEqual([]);
    expect(repeatsWanted("other", 3, [run(0, bad())])).toEqual([]);
    expect(wanted([run(0, bad(), { sham: true })])).toEqual([]);
  });

  test("a confounded experiment, until one is not", () => {
    const repeat: Did = { confirms: { of: first, why: "confounded" } };
    expect(wanted([run(0, confounded)])).toMatchObject([{ of: first, why: "confounded" }]);
    expect(wanted([run(0, confounded), run(1, confounded, repeat)])).toMatchObject([{ of: first }]);
    expect(wanted([run(0, confounded), run(1, good(), repeat)])).toEqual([]);
    expect(wanted([run(0, confounded), ...[1, 2, 3].map((day) => run(day, confounded, repeat))])).toEqual([]);
  });

  test("the longest open first", () =>
    expect(wanted([run(1, bad(), { on: "repeater" }), run(0, bad(0.01))]).map((one) => one.of)).toEqual([
      first,
      idOf(T0 + DAY_MS),
    ]));

  const limits = (confirmations?: number) => ({
    name: POLICY,
    limits: { ...policy().limits, ...(confirmations === undefined ? {} : { confirmations }) },
  });
  const slot = (seed: number, changes = {}) => ({ id: `slot-${seed}`, seed, sham: false, manual: false, ...changes });
  const seeds = Array.from({ length: 400 }, (_, i) => i);

  test("in about half of the slots, so that the others are never starved", () => {
    const used = seeds.filter((seed) => repeatFor(slot(seed), limits(3), [run(0, bad())]) !== null);
    expect(used.length / seeds.length).toBeGreaterThan(0.4);
    expect(used.length / seeds.length).toBeLessThan(0.6);
  });

  test.each([
    { name: "when it is switched off", of: limits(0), changes: {} },
    { name: "when it was not asked for", of: limits(), changes: {} },
    { name: "in a sham's slot", of: limits(3), changes: { sham: true } },
    { name: "when a person ordered the experiment", of: limits(3), changes: { manual: true } },
  ])("never $name", ({ of, changes }) => {
    for (const seed of seeds) expect(repeatFor(slot(seed, changes), of, [run(0, bad())])).toBeNull();
  });
});
