import { expect, test } from "vitest";
import { logOf, seeds, tell, weaknesses } from "./tell.ts";

/** What the loss of a pod brings to light: each weakness, and its nearest neighbour. */
const STORIES = [
  { story: "crash", hit: "go-app-db", finding: "crashes-without-dependency Deployment go-app/go-app", shows: true },
  {
    story: "exit-and-wait",
    hit: "go-app-db",
    finding: "crashes-without-dependency Deployment go-app/go-app",
    shows: false,
  },
  { story: "overload", hit: "go-app", finding: "overload-after-failover Deployment go-app/go-app", shows: true },
  { story: "head-room", hit: "go-app", finding: "overload-after-failover Deployment go-app/go-app", shows: false },
  { story: "resets-at-end", hit: "go-app", finding: "resets-at-termination Deployment go-app/go-app", shows: true },
  { story: "pre-stop", hit: "go-app", finding: "resets-at-termination Deployment go-app/go-app", shows: false },
  { story: "leader-lost", hit: "go-app-db", finding: "waits-for-a-leader StatefulSet go-app/go-app-db", shows: true },
  { story: "no-leader", hit: "go-app-db", finding: "waits-for-a-leader StatefulSet go-app/go-app-db", shows: false },
].flatMap((one) => seeds.map((seed) => ({ ...one, seed })));

test.each(STORIES)(
  "the story $story with seed $seed shows $finding: $shows",
  async ({ story, hit, finding, shows, seed }) => {
    const { experiments, said } = await tell(story, seed);
    const hits = experiments.filter((one) => one.target?.endsWith(` go-app/${hit}`) && !one.sham);
    expect(hits, logOf(said)).not.toHaveLength(0);
    for (const one of hits) expect(weaknesses(one).includes(finding), `${one.id}\n${logOf(said)}`).toBe(shows);
    const [weakness = ""] = finding.split(" ");
    const others = experiments.filter((one) => !hits.includes(one)).flatMap(weaknesses);
    expect(others.filter((name) => name.startsWith(`${weakness} `))).toEqual([]);
    for (const sham of experiments.filter((one) => one.sham && one.headline !== null))
      expect(sham.headline, sham.id).toBe("steady");
  },
);
