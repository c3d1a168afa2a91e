import { expect, test } from "vitest";
import { logOf, seeds, tell, weaknesses } from "./tell.ts";

/** What a caller does when what it calls fails: each weakness, and its nearest neighbour. */
const STORIES = [
  { story: "retries-hide", weakness: "retries-hide-failures", shows: true },
  { story: "retries-idle", weakness: "retries-hide-failures", shows: false },
  { story: "retry-storm", weakness: "retry-storm", shows: true },
  { story: "retry-never", weakness: "retry-storm", shows: false },
  { story: "no-timeout", weakness: "no-timeout", shows: true },
  { story: "timeout", weakness: "no-timeout", shows: false },
  { story: "no-fallback", target: "offers", weakness: "no-fallback", shows: true },
  { story: "fallback", target: "offers", weakness: "no-fallback", shows: false },
].flatMap((one) => seeds.map((seed) => ({ target: "go-app", ...one, seed })));

test.each(STORIES)(
  "the story $story with seed $seed shows $weakness: $shows",
  async ({ story, target, weakness, shows, seed }) => {
    const { experiments, said } = await tell(story, seed);
    const hit = experiments.filter((one) => one.target === `Deployment go-app/${target}` && !one.sham);
    expect(hit, logOf(said)).not.toHaveLength(0);
    const found = experiments.flatMap(weaknesses);
    expect(found.includes(`${weakness} Deployment go-app/repeater`), logOf(said)).toBe(shows);
    expect(found.filter((name) => name.startsWith(weakness)).every((name) => name.endsWith("go-app/repeater"))).toBe(
      true,
    );
    for (const sham of experiments.filter((one) => one.sham && one.headline !== null))
      expect(sham.headline, sham.id).toBe("steady");
  },
);
