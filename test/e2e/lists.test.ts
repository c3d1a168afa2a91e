import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Io } from "../../src/main/io.ts";
import { runCli } from "../../src/main/program.ts";
import { expectGolden } from "../support/golden.ts";

const CONFIG = `cluster: test
prometheus: { url: "http://127.0.0.1:9" }
storage: { url: "embedded:./data" }
calendar: { timezone: Europe/Berlin }
policies:
  - name: pods
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-delete }]
`;
const ROOT = join(import.meta.dirname, "..", "..");
/** The journal of the fixture lies in 2026. */
const FAR = ["--days", "3650"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aftershock-lists-"));
  await writeFile(join(folder, "aftershock.yaml"), CONFIG);
  const { exitCode } = await run(["journal", "import", join(ROOT, "fixtures/journal/written-on-pglite.jsonl")]);
  expect(exitCode).toBe(0);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(args: readonly string[], more: Partial<Io> = {}) {
  const said = { stdout: "", stderr: "" };
  const exitCode = await runCli(args, {
    env: { KUBECONFIG: join(folder, "no-kubeconfig") },
    cwd: folder,
    out: (text) => {
      said.stdout += text;
    },
    err: (text) => {
      said.stderr += text;
    },
    terminal: false,
    signal: new AbortController().signal,
    ...more,
  });
  return { exitCode, ...said };
}

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

describe("lists", () => {
  test.each(["experiments", "services", "findings"])("%s reads like this in 80 columns", async (name) => {
    const { exitCode, stdout } = await run([name, ...(name === "findings" ? [] : FAR)]);
    expect(exitCode).toBe(0);
    expectGolden(`reports/list-${name}.txt`, stdout);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  test.each(["experiments", "services", "findings"])("%s fits a terminal of 60 columns", async (name) => {
    const { stdout } = await run([name, ...(name === "findings" ? [] : FAR)], { width: 60 });
    // one word may be longer: the id of a finding
    expect(widest(stdout.replaceAll(/^ *Id:.*|[a-z-]+:Deployment:\S+/gm, ""))).toBeLessThanOrEqual(
      name === "services" ? 71 : 68,
    );
  });

  test("what was refused or missed is counted, and listed if asked for", async () => {
    expect((await run(["experiments", ...FAR])).stdout).toMatch(/3 more were refused, missed or not injected/);
    expect((await run(["experiments", "--all", ...FAR])).stdout).toContain("refused");
  });

  test("a reader who has read enough is no error", () => {
    const cli = join(ROOT, "src/main/cli.ts");
    const shell = `"${process.execPath}" "${cli}" experiments --days 3650 | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", shell], { cwd: folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("0\n");
  });
});

describe("help", () => {
  test("says the exit codes", async () => {
    expect((await run(["--help"])).stdout).toMatch(/Exit codes:\n {2}0 {3}done/);
    expect((await run(["run", "--help"])).stdout).toContain("4   refused by a gate");
    expect((await run(["follow-up", "--help"])).stdout).toContain("1   damage is still open");
  });

  test("fits the terminal", async () => {
    for (const width of [80, 120]) expect(widest((await run(["--help"], { width })).stdout)).toBeLessThanOrEqual(width);
  });

  test("the old name of follow-up still works, and says what it is called now", async () => {
    const { stderr } = await run(["look"]);
    expect(stderr).toContain("`aftershock look` is called `aftershock follow-up` now.");
    expect((await run(["follow-up"])).stderr).not.toContain("is called");
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("%s gets a script that asks the program", async (shell) => {
    const { exitCode, stdout } = await run(["completion", shell]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("aftershock");
    expect(stdout).toContain("complete");
    if (shell === "bash") expect(spawnSync("bash", ["-n"], { input: stdout }).status).toBe(0);
  });

  test("commands, options and choices are completed", async () => {
    const asked = async (...words: string[]) => (await run(["complete", "--", ...words])).stdout;
    expect(await asked("exp")).toMatch(/^experiments\t.*\nexplain\t/m);
    expect(await asked("run", "--re")).toContain("--refused-ok\t");
    expect(await asked("findings", "")).toMatch(/^mute\t\nunmute\t/);
    expect(await asked("completion", "f")).toContain("fish");
  });
});
