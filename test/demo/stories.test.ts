import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/**
 * The demo as users run it (the built program), told for several seeds and for the counterfactuals:
 * what the application is like decides what must be said of it. DEMO_SEEDS=1-20 and
 * DEMO_STORIES=stale,reconnect choose what is told.
 */
const PROGRAM = new URL("../../dist/aftershock.mjs", import.meta.url).pathname;

interface Experiment {
  readonly id: string;
  readonly phase: string;
  readonly target: string | null;
  readonly sham: boolean;
  readonly headline: string | null;
  readonly refusal: { readonly gate: string } | null;
  readonly verdicts: readonly { readonly service: string; readonly signal: string; readonly verdict: string }[];
  readonly findings: readonly { readonly weakness: string; readonly workload: string }[];
  readonly recoveredAfterMs: number | null;
}

async function tell(
  story: string,
  seed: number,
): Promise<{ readonly experiments: readonly Experiment[]; readonly said: string }> {
  const folder = await mkdtemp(join(tmpdir(), "aftershock-story-"));
  try {
    const file = join(folder, "demo.json");
    const said = await new Promise<string>((resolve, reject) => {
      const args = [PROGRAM, "demo", "--exit", "--story", story, "--seed", String(seed), "--json", file];
      execFile(process.execPath, args, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`the demo ended with ${error.code}: ${stderr}\n${stdout.slice(-4_000)}`));
      });
    });
    return { ...JSON.parse(await readFile(file, "utf8")), said };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const DB = "Deployment go-app/go-app-db";
const judged = (all: readonly Experiment[]) => all.filter((one) => one.headline !== null);
const hits = (all: readonly Experiment[], target: string) =>
  judged(all).filter((one) => !one.sham && one.target === target);
const others = (all: readonly Experiment[]) => judged(all).filter((one) => !one.sham && one.target !== DB);
const weaknesses = (one: Experiment) => one.findings.map((finding) => `${finding.weakness} ${finding.workload}`);

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

function seedsFrom(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [from = 1, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

const seeds = seedsFrom(process.env.DEMO_SEEDS ?? "1");
const stories = (process.env.DEMO_STORIES ?? Object.keys(STORIES).join(",")).split(",");

describe.each(stories)("the story %s", (story) => {
  test.each(seeds)("is told right with seed %i", async (seed) => {
    const { experiments, said } = await tell(story, seed);
    try {
      expectQuietElsewhere(experiments);
      STORIES[story]?.(experiments);
    } catch (cause) {
      throw new Error(
        `${cause instanceof Error ? cause.message : cause}\n\n${said
          .split("\n")
          .filter((line) => /^\d\d:/.test(line))
          .join("\n")}`,
        { cause },
      );
    }
  });
});
