import { describe, expect, test } from "vitest";
import { type FollowPoliciesDeps, followPolicies, readPolicies } from "../../../src/app/policies/follow-policies.ts";
import { teamBook } from "../../../src/app/policies/teams.ts";
import { readTeamPolicy } from "../../../src/config/policy/team-policy.ts";
import type { PolicyText, TeamBounds } from "../../../src/core/model/team-policy.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { Sighting } from "../../../src/ports/policy-texts.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { policyText, SOUND, teamBounds } from "../../support/teams.ts";

const POLICY = "shop.orders";
const BROKEN = policyText("orders", `${SOUND}nonsense: 1\n`);
const ABORT = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 } as const;
const texts = (...all: PolicyText[]): Sighting => ({ texts: all });

interface Told {
  readonly policies: readonly string[];
  readonly refused: readonly string[];
}

/**
 * What holds after each of `sightings` of namespace shop, with what was said on ConfigMaps; ends
 * after the last one.
 */
async function following(run: Bench, sightings: readonly Sighting[], changes: Partial<TeamBounds> = {}) {
  let bounds = teamBounds(changes);
  const events: string[] = [];
  const told: Told[] = [];
  const stop = new AbortController();
  const teams = teamBook(
    () => bounds,
    (text) => readTeamPolicy(text, bounds, "UTC"),
  );
  const own = run.deps.settings();
  const settings = () => ({
    ...own,
    teams: bounds,
    policies: [...own.policies, ...teams.now().sound.map((one) => one.policy)],
  });
  const deps: FollowPoliciesDeps = {
    ...run.deps,
    teams,
    settings,
    policyTexts: {
      look: async () => sightings[0] ?? texts(),
      async follow(namespaces, seen) {
        if (namespaces.length === 0) return;
        for (const sighting of sightings) {
          seen("shop", sighting);
          await new Promise(setImmediate);
        }
      },
      refuse: async ({ name }, why) => void events.push(`${name}: ${why}`),
    },
  };
  const one = {
    deps,
    events,
    told,
    rebound: (next: Partial<TeamBounds>) => {
      bounds = teamBounds(next);
      teams.reread();
    },
    async until(done: () => boolean) {
      const changed = async () => {
        told.push({
          policies: teams.now().sound.map(({ policy }) => `${policy.name} ${policy.mode}`),
          refused: teams.now().refused.map(({ why }) => why),
        });
      };
      const clock = {
        ...deps.clock,
        async sleep(ms: number, signal: AbortSignal) {
          if (told.length > 0 && done()) stop.abort();
          await deps.clock.sleep(ms, signal);
          await new Promise(setImmediate); // a clock that does not wait would let nobody else have a turn
        },
      };
      await followPolicies({ ...deps, clock }, changed, stop.signal);
    },
  };
  return one;
}

const operations = (run: Bench) =>
  run.journal
    .entries()
    .filter((entry) => entry.stream.startsWith("operations/"))
    .map((entry) => entry.event);

/** An experiment of the team's policy whose fault stands for five minutes. */
async function standing(the: World): Promise<Bench> {
  const run = await bench(the, { policy: POLICY });
  const armed = { ...run.deps.policyOf(experimentPlan())!, name: POLICY, faults: [{ weight: 1, fault: ABORT }] };
  Object.assign(run.deps, { policyOf: () => armed });
  await run.step();
  run.clock.moveTo(T0 + 30 * SECOND_MS);
  return run;
}
const ending = async (run: Bench) => (await run.kinds()).filter((kind) => ["cancelled", "undone"].includes(kind));

describe("policies of teams", () => {
  test("hold as soon as they are seen, and the journal says whose program wrote them", async () => {
    const run = await bench(world());
    const teams = await following(run, [
      texts(policyText("orders", SOUND), policyText("sham", `mode: sham\n${SOUND}`)),
    ]);
    await teams.until(() => true);
    expect(teams.told).toEqual([{ policies: ["shop.orders inject", "shop.sham sham"], refused: [] }]);
    const by = "ConfigMap shop/orders (kubectl-edit)";
    expect(operations(run)).toEqual([
      { kind: "configured", policy: POLICY, hash: `hash of ${SOUND}`, by, summary: "mode inject" },
      expect.objectContaining({ kind: "configured", policy: "shop.sham", summary: "mode sham" }),
      { kind: "armed", policy: POLICY, mode: "inject" },
    ]);
  });

  test("are written down once, however many workers see them and however often these start", async () => {
    const run = await bench(world());
    for (let start = 0; start < 3; start++) {
      await (await following(run, [texts(policyText("orders", SOUND))])).until(() => true);
    }
    expect(operations(run).map((event) => event.kind)).toEqual(["configured", "armed"]);
  });

  test("that a program changes without end fill no day's record; that the rest is missing is the last that it says", async () => {
    const run = await bench(world());
    const fight = Array.from({ length: 300 }, (_, i) => texts(policyText("orders", `${SOUND}# ${i}\n`)));
    const teams = await following(run, [...fight, texts(policyText("orders", `mode: sham\n${SOUND}`))]);
    await teams.until(() => teams.told.at(-1)?.policies[0] === "shop.orders sham");
    const lines = operations(run).filter((event) => event.kind === "configured");
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)?.summary).toContain("only in the log");
    expect(lines.filter((event) => event.summary.includes("only in the log"))).toHaveLength(1);
  });

  test("that are broken are told on their ConfigMap, once for a text, and hurt no other", async () => {
    const run = await bench(world());
    const good = policyText("returns", SOUND);
    const teams = await following(run, [texts(good, BROKEN), texts(good, BROKEN, policyText("third", SOUND))]);
    await teams.until(() => teams.told.at(-1)?.policies.length === 2);
    expect(teams.told.at(-1)?.policies).toEqual(["shop.returns inject", "shop.third inject"]);
    expect(teams.events).toEqual([expect.stringContaining('orders: line 3: unknown key "nonsense"')]);
    expect(operations(run)).toContainEqual(
      expect.objectContaining({ policy: POLICY, summary: expect.stringContaining("refused: line 3: unknown key") }),
    );
  });

  test("beyond the number that a team may have are refused; the oldest count", async () => {
    const run = await bench(world());
    const teams = await following(run, [texts(policyText("a", SOUND), policyText("b", SOUND))], { policies: 1 });
    await teams.until(() => true);
    expect(teams.told[0]).toEqual({
      policies: ["shop.a inject"],
      refused: ["shop has 1 older policies already, which is all that it may have"],
    });
  });

  test("of a namespace that cannot be read do not hold", async () => {
    const run = await bench(world());
    const teams = await following(run, [texts(policyText("orders", SOUND))]);
    await readPolicies(teams.deps, teamBounds(), new AbortController().signal);
    expect(teams.deps.settings().policies.map((one) => one.name)).toContain(POLICY);
    teams.deps.teams.see("shop", { unread: "not allowed to list configmaps" });
    expect(teams.deps.settings().policies.map((one) => one.name)).not.toContain(POLICY);
    expect(teams.deps.teams.now().unread).toEqual([{ namespace: "shop", why: "not allowed to list configmaps" }]);
  });

  test("follow bounds that become narrower", async () => {
    const run = await bench(world());
    const teams = await following(run, [texts(policyText("orders", SOUND))]);
    await teams.until(() => {
      if (teams.told.length === 1) teams.rebound({ mode: "sham" });
      return teams.told.length > 1;
    });
    expect(teams.told[1]?.policies).toEqual(["shop.orders sham"]);
  });

  test("of a namespace that was taken out of the configuration do not hold when it comes back, until they are seen there again", async () => {
    const teams = await following(await bench(world()), [texts(policyText("orders", SOUND))]);
    const held = () => teams.deps.settings().policies.map((one) => one.name);
    await teams.until(() => {
      if (teams.told.length === 1) teams.rebound({ namespaces: [] });
      return teams.told.length > 1;
    });
    expect(teams.told[1]?.policies).toEqual([]);
    teams.rebound({});
    expect(held()).not.toContain(POLICY);
  });
});

describe("what stands of a team's policy is stopped and undone", () => {
  const sound = texts(policyText("orders", SOUND));
  test.each([
    { name: "when its ConfigMap is deleted", later: texts(), summary: "removed" },
    {
      name: "when its mode is lowered",
      later: texts(policyText("orders", `mode: sham\n${SOUND}`)),
      summary: "mode sham",
    },
    { name: "when it is broken: its last good version does not stay", later: texts(BROKEN), summary: /^refused: / },
    {
      name: "when its namespace cannot be read any more",
      later: { unread: "403" },
      summary: "not known any more: 403",
    },
  ])("$name", async ({ later, summary }) => {
    const the = world();
    const run = await standing(the);
    const teams = await following(run, [sound, later]);
    await readPolicies(teams.deps, teamBounds(), new AbortController().signal);
    await teams.until(() => the.undone.length > 0);
    expect(await ending(run)).toEqual(["cancelled", "undone"]);
    expect(the.undone).toHaveLength(1);
    expect(
      operations(run)
        .filter((event) => event.kind === "configured")
        .at(-1),
    ).toMatchObject({
      policy: POLICY,
      summary: typeof summary === "string" ? summary : expect.stringMatching(summary),
    });
  });

  test("also when it was removed while no worker was there", async () => {
    const the = world();
    const run = await standing(the);
    const teams = await following(run, [texts(policyText("another", SOUND))]);
    await teams.until(() => the.undone.length > 0);
    expect(await ending(run)).toEqual(["cancelled", "undone"]);
  });

  test("but not when nothing of it changed", async () => {
    const the = world();
    const run = await standing(the);
    const teams = await following(run, [sound]);
    await readPolicies(teams.deps, teamBounds(), new AbortController().signal);
    await teams.until(() => true);
    expect(the.undone).toHaveLength(0);
  });
});
