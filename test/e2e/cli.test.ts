import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Io } from "../../src/main/io.ts";
import { runCli } from "../../src/main/program.ts";

/** The program as a function of its arguments: what it prints, and its exit code. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aftershock-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(args: readonly string[], env: Io["env"] = {}) {
  let stdout = "";
  let stderr = "";
  const exitCode = await runCli(args, {
    env: { KUBECONFIG: join(folder, "no-kubeconfig"), ...env },
    cwd: folder,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    terminal: false,
    signal: new AbortController().signal,
  });
  return { exitCode, stdout, stderr };
}

async function configured(text: string): Promise<string> {
  await writeFile(join(folder, "aftershock.yaml"), text);
  return "aftershock.yaml";
}

const SOUND = `
cluster: test
prometheus: { url: "http://127.0.0.1:9", bearerToken: { env: TOKEN } }
storage: { url: "embedded:./data" }
policies:
  - name: pods
    schedule: { windows: ["mon-fri 09:00-17:00"], perDay: 2, timezone: Europe/Berlin }
    target: { namespaces: [shop] }
    faults: [{ kind: pod-delete }]
`;

describe("the command line", () => {
  test("every command has help with an example", async () => {
    const { stdout } = await run(["--help"]);
    const names = [...stdout.matchAll(/^ {2}([a-z-]+)(?:\|[a-z]+)? (?:\[options\]|<)/gm)].map(([, name]) => name ?? "");
    expect(names.length).toBeGreaterThanOrEqual(18);
    for (const name of names.filter((one) => one !== "help")) {
      const help = await run([name, "--help"]);
      expect(help, name).toMatchObject({ exitCode: 0 });
      expect(help.stdout, name).toMatch(/Example:\n {2}(kubectl .* )?aftershock /);
    }
  });

  test("the README names every command", async () => {
    const { stdout } = await run(["--help"]);
    const names = [...stdout.matchAll(/^ {2}([a-z-]+)(?:\|[a-z]+)? (?:\[options\]|<)/gm)].map(([, name]) => name ?? "");
    const [, list = ""] =
      /^`aftershock (run \| .*)`;$/m.exec(readFileSync(new URL("../../README.md", import.meta.url), "utf8")) ?? [];
    const told = list.split(" | ").map((one) => one.split(" ")[0]);
    expect(told.toSorted()).toEqual(names.filter((one) => one !== "help").toSorted());
  });

  test.each([
    { name: "an unknown command", args: ["atack"], says: /unknown command 'atack'/ },
    { name: "an unknown option", args: ["plan", "--dyas", "3"], says: /unknown option '--dyas'/ },
    { name: "a missing argument", args: ["explain"], says: /missing required argument 'experiment'/ },
    { name: "text where a number belongs", args: ["demo", "--seed", "one"], says: /expected a whole number/ },
    { name: "a plan into the past", args: ["plan", "--days", "-1"], says: /expected a whole number from 1 to 366/ },
    { name: "a clock that stands", args: ["demo", "--speed", "0"], says: /expected a whole number from 1 to/ },
  ])("$name ends with a usage error that says what to do", async ({ args, says }) => {
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(says);
  });

  test("a missing configuration file is named, with what to do", async () => {
    const { exitCode, stderr } = await run(["config", "check", "-c", "nowhere.yaml"]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/nowhere\.yaml does not exist \(name one with --config FILE/);
  });

  test("every problem of a configuration is told at once, with its path", async () => {
    const file = await configured(SOUND.replace("namespaces", "namespcaes").replace("mon-fri", "mon-fry"));
    const { exitCode, stderr } = await run(["config", "check", "-c", file], { TOKEN: "x" });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("policies[0].target");
    expect(stderr.trimEnd().split("\n").at(-1)).toBe("docs/configuration.md lists every key");
    expect(stderr).toContain("policies[0].schedule.windows[0]");
  });

  test("what was understood is printed without a secret", async () => {
    const file = await configured(SOUND);
    const { exitCode, stdout } = await run(["config", "check", "-c", file], { TOKEN: "s3cr3t-token" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("mode sham");
    expect(stdout).not.toContain("s3cr3t-token");
  });

  test("the next slots are planned without a cluster, and lie in their windows", async () => {
    const file = await configured(SOUND);
    const { exitCode, stdout } = await run(["plan", "-c", file, "--days", "14", "--json"], { TOKEN: "x" });
    expect(exitCode).toBe(0);
    const { slots } = JSON.parse(stdout) as { slots: { at: string; sham: boolean }[] };
    expect(slots.length).toBeGreaterThanOrEqual(18);
    for (const slot of slots) {
      const local = new Intl.DateTimeFormat("en-GB", {
        timeZone: "Europe/Berlin",
        weekday: "short",
        hour: "2-digit",
        hourCycle: "h23",
      });
      const parts = Object.fromEntries(local.formatToParts(new Date(slot.at)).map((part) => [part.type, part.value]));
      expect(["Sat", "Sun"]).not.toContain(parts.weekday);
      expect(Number(parts.hour)).toBeGreaterThanOrEqual(9);
      expect(Number(parts.hour)).toBeLessThan(17);
    }
  });

  test("the least rights are printed as manifests, without a wildcard and without secrets", async () => {
    const file = await configured(SOUND);
    const { exitCode, stdout } = await run(["rbac", "-c", file], { TOKEN: "x" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("kind: Role");
    expect((await run(["rbac", "-c", file])).stdout, "without the worker's secrets").toBe(stdout);
    expect(stdout).not.toMatch(/"\*"|'\*'|secrets/);
  });

  test("the rules pass their own cases", async () => {
    const { exitCode, stdout } = await run(["rules", "test"]);
    expect(stdout).toMatch(/\d+ rules, \d+ cases passed, 0 failed/);
    expect(exitCode).toBe(0);
  });

  test("without a kubeconfig an experiment says what is missing", async () => {
    const file = await configured(SOUND);
    const { exitCode, stderr } = await run(["run", "-p", "pods", "-c", file], { TOKEN: "x" });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/kubeconfig/i);
  });
});
