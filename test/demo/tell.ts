import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = new URL("../../dist/aftershock.mjs", import.meta.url).pathname;

export interface Experiment {
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

/** Runs the built demo to its end. Rejects with what it printed when it fails. */
export async function tell(
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

/** `1-3,7` */
function seedsFrom(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [from = 1, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** Of DEMO_SEEDS. */
export const seeds = seedsFrom(process.env.DEMO_SEEDS ?? "1");

export const weaknesses = (one: Experiment): string[] =>
  one.findings.map((finding) => `${finding.weakness} ${finding.workload}`);

/** The lines of the log, for a failure's message. */
export const logOf = (said: string): string =>
  said
    .split("\n")
    .filter((line) => /^\d\d:/.test(line))
    .join("\n");
