import { expect, test } from "vitest";
import { accessQuestions, rightsFor } from "../../../src/adapters/kubernetes/rights/rights.ts";
import type { Check } from "../../../src/app/doctor/check.ts";
import { examine } from "../../../src/app/doctor/examine.ts";
import { teamBook } from "../../../src/app/policies/teams.ts";
import { readTeamPolicy } from "../../../src/config/policy/team-policy.ts";
import type { TeamBounds } from "../../../src/core/model/team-policy.ts";
import type { AccessQuestion } from "../../../src/ports/cluster.ts";
import type { Sighting } from "../../../src/ports/policy-texts.ts";
import { bench, world } from "../../support/app.ts";
import { policyText, SOUND, teamBounds } from "../../support/teams.ts";

const NEVER = new AbortController().signal;

/** What `aftershock rbac` prints for teams alone. */
function rightsUnder(bounds: TeamBounds | null): readonly AccessQuestion[] {
  if (bounds === null) return [];
  const faults = bounds.mode === "inject" ? bounds.faults : [];
  const teams = { namespaces: bounds.namespaces, faults };
  return accessQuestions(rightsFor({ ...{ faults: [], namespaces: [], teams }, ownNamespace: "a", leaseName: "a" }));
}

/** What doctor says of teams, and what it asked the API server for in their namespace. */
async function doctor(bounds: TeamBounds | null, sightings: Readonly<Record<string, Sighting>> = {}) {
  const { deps } = await bench(world());
  const asked: AccessQuestion[] = [];
  const teams = teamBook(
    () => bounds,
    (text) => readTeamPolicy(text, bounds ?? teamBounds(), "UTC"),
  );
  for (const [namespace, sighting] of Object.entries(sightings)) teams.see(namespace, sighting);
  const mayI = async (questions: readonly AccessQuestion[]) => {
    asked.push(...questions);
    return questions.map((one) => one.resource !== "configmaps");
  };
  const own = deps.settings();
  const checks: readonly Check[] = await examine(
    {
      ...deps,
      ...{ teams, settings: () => ({ ...own, teams: bounds }), storage: async () => [] },
      rights: rightsUnder(bounds),
      cluster: { ...deps.cluster, mayI },
    },
    NEVER,
  );
  const rights = asked.filter((one) => one.namespace === "shop");
  return {
    told: checks.filter((one) => one.what === "policies of teams").map(({ ok, says }) => [ok, says]),
    asked: rights.map(({ verb, resource, subresource }) => [verb, resource, subresource].filter(Boolean).join(" ")),
    missing: checks.find((one) => one.what === "rights")?.says ?? "",
  };
}

test("doctor is silent about teams where there are none", async () => {
  expect(await doctor(null)).toMatchObject({ told: [], asked: [] });
});

test("doctor names every policy that is not followed, and every namespace that cannot be read", async () => {
  const { told } = await doctor(teamBounds({ namespaces: ["shop", "returns"] }), {
    shop: { texts: [policyText("orders", SOUND), policyText("broken", "faults: 1")] },
    returns: { unread: "not allowed to list configmaps" },
  });
  expect(told).toEqual([
    [true, "1 followed, from 2 namespaces"],
    [false, "those of returns cannot be read: not allowed to list configmaps"],
    [false, expect.stringMatching(/^shop\.broken is not followed: .*faults: expected a list/)],
  ]);
});

test("doctor asks for every right that the configuration takes, also in mode sham, and names what is missing", async () => {
  const reading = ["list configmaps", "watch configmaps"];
  const armed = await doctor(teamBounds());
  expect(armed.asked).toEqual(expect.arrayContaining([...reading, "list pods", "delete pods", "create pods eviction"]));
  expect(armed.missing).toBe("missing: list, watch configmaps in shop. Grant what `aftershock rbac` prints");
  const sham = await doctor(teamBounds({ mode: "sham" }));
  expect(sham.asked).toEqual(expect.arrayContaining([...reading, "list pods", "create events"]));
  expect(sham.asked).not.toContain("delete pods");
});
