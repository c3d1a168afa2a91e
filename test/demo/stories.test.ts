import { describe, expect, test } from "vitest";
import { type Experiment, logOf, seeds, tell, weaknesses } from "./tell.ts";

/**
 * The demo as users run it (the built program), told for several seeds and for the counterfactuals:
 * what the application is like decides what must be said of it. DEMO_SEEDS=1-20 and
 * DEMO_STORIES=stale,reconnect choose what is told.
 */
const DB = "Deployment go-app/go-app-db";
const judged = (all: readonly Experiment[]) => all.filter((one) => one.headline !== null);
const hits = (all: readonly Experiment[], target: string) =>
  judged(all).filter((one) => !one.sham && one.target === target);
const others = (all: readonly Experiment[]) => judged(all).filter((one) => !one.sham && one.target !== DB);

const OF_THE_STORY = [
  "probe-does-not-cover-dependency Deployment go-app/go-app",
  "single-point-of-failure Deployment go-app/go-app-db",
  "stale-connection Deployment go-app/go-app",
];

/**
 * What holds whatever the application is like: a pod of two is not missed for long, and a sham
 * shows nothing.
 */
function expectQuietElsewhere(all: readonly Experiment[]): void {
  for (const one of others(all)) expect(["steady", "transient"], `${one.id} on ${one.target}`).toContain(one.headline);
  for (const sham of judged(all).filter((one) => one.sham)) expect(sham.headline, sham.id).toBe("steady");
  expect(judged(all).filter((one) => !one.sham).length).toBeGreaterThanOrEqual(4);
}

function expectPersistent(all: readonly Experiment[]): void {
  expect(hits(all, DB)).not.toHaveLength(0);
  for (const one of hits(all, DB)) {
    const failures = one.verdicts.filter((v) => v.signal === "failures" && v.service.startsWith("go-app/"));
    expect(failures.map((v) => `${v.service} ${v.verdict}`).sort()).toEqual([
      "go-app/go-app persistent",
      "go-app/repeater persistent",
    ]);
    expect(
      weaknesses(one)
        .filter((name) => OF_THE_STORY.includes(name))
        .sort(),
    ).toEqual(OF_THE_STORY);
    expect(one.recoveredAfterMs, "it was cured by hand, and that was seen").toBeGreaterThan(0);
  }
  expect(
    all.some((one) => one.refusal?.gate === "open-damage"),
    "a slot was refused while the damage was open",
  ).toBe(true);
}

function expectNoLastingDamage(all: readonly Experiment[], headlines: readonly string[]): void {
  expect(hits(all, DB)).not.toHaveLength(0);
  for (const one of hits(all, DB)) {
    expect(headlines, one.id).toContain(one.headline);
    expect(weaknesses(one)).not.toContain("stale-connection Deployment go-app/go-app");
    expect(weaknesses(one)).not.toContain("probe-does-not-cover-dependency Deployment go-app/go-app");
  }
}

const STORIES: Readonly<Record<string, (all: readonly Experiment[]) => void>> = {
  stale: expectPersistent,
  reconnect: (all) => expectNoLastingDamage(all, ["steady", "transient"]),
  "probe-through-db": (all) => expectNoLastingDamage(all, ["transient", "slow-recovery"]),
  "no-effect": (all) => expectNoLastingDamage(all, ["steady"]),
  unrelated: expectPersistent,
};

const stories = (process.env.DEMO_STORIES ?? Object.keys(STORIES).join(",")).split(",");

describe.each(stories)("the story %s", (story) => {
  test.each(seeds)("is told right with seed %i", async (seed) => {
    const { experiments, said } = await tell(story, seed);
    try {
      expectQuietElsewhere(experiments);
      STORIES[story]?.(experiments);
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : cause}\n\n${logOf(said)}`, { cause });
    }
  });
});
