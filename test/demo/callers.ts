import { expect, test } from "vitest";
import { logOf, seeds, tell, weaknesses } from "./tell.ts";

export interface CallerStory {
  readonly story: string;
  /** Workload that is hit; go-app unless said otherwise. */
  readonly target?: string;
  readonly weakness: string;
  /** Whether its caller, repeater, has the weakness. */
  readonly shows: boolean;
}

/** What a caller does when what it calls fails: each weakness, and its nearest neighbour. */
export const tellCallers = (stories: readonly CallerStory[]): void =>
  test.each(stories.flatMap((one) => seeds.map((seed) => ({ target: "go-app", ...one, seed }))))(
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
