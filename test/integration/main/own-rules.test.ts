import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../../../src/main/program.ts";
import { diagnosisRules, riskRules, rulesFolder } from "../../../src/main/setup/rules-folder.ts";

/** A folder as Kubernetes mounts a ConfigMap: links into a folder that has a date for its name. */
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-rules-"));
  mkdirSync(join(folder, "..2026_11_30"));
  symlinkSync("..2026_11_30", join(folder, "..data"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): void {
  writeFileSync(join(folder, "..2026_11_30", name), text);
  symlinkSync(join("..data", name), join(folder, name));
}

const shipped = (path: string): string => readFileSync(join(rulesFolder(), path), "utf8");
const named = (path: string, name: string): string => shipped(path).replace(/^name: .*$/m, `name: ${name}`);
const namesOf = ({ rules }: { readonly rules: readonly { readonly name: string }[] }) => rules.map(({ name }) => name);

describe("rules of one's own", () => {
  test("stand beside the shipped ones", async () => {
    put("mine.yaml", named("diagnosis/stale-connection.yaml", "our-stale-connection"));
    const before = namesOf(await diagnosisRules(null));
    const { rules, problems } = await diagnosisRules(folder);
    expect(namesOf({ rules }).toSorted()).toEqual([...before, "our-stale-connection"].toSorted());
    // by rank, as the shipped ones are
    expect(rules.map(({ rank }) => rank)).toEqual(rules.map(({ rank }) => rank).toSorted((a, b) => a - b));
    expect(problems).toEqual([]);
  });

  test("a broken one is left out and named with its place, and the others stand", async () => {
    put("good.yaml", named("diagnosis/stale-connection.yaml", "our-stale-connection"));
    put("bad.yaml", named("diagnosis/stale-connection.yaml", "broken").replace(/^when:.*$/m, "when: no.such.fact(("));
    const { rules, problems } = await diagnosisRules(folder);
    expect(namesOf({ rules })).toContain("our-stale-connection");
    expect(namesOf({ rules })).not.toContain("broken");
    expect(problems).toEqual([expect.stringMatching(/^rules\.diagnosis: bad\.yaml: when/)]);
  });

  test("one with the name of a shipped rule does not take its place", async () => {
    put("mine.yaml", shipped("risks/single-replica.yaml").replace(/^title: .*$/m, "title: everything is well"));
    const { rules, problems } = await riskRules(folder);
    expect(namesOf({ rules })).toEqual(namesOf(await riskRules(null)));
    expect(JSON.stringify(rules)).not.toContain("everything is well");
    expect(problems).toEqual(["rules.risks: single-replica: a shipped rule has this name; choose another"]);
  });

  test("a folder that is not there is said to be wrong", async () => {
    await expect(diagnosisRules(join(folder, "none"))).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining(`rules.diagnosis: the folder ${join(folder, "none")} cannot be read`),
    });
  });

  test("config check reads them relative to the configuration, and fails on a broken one", async () => {
    put("bad.yaml", "name: broken\n");
    writeFileSync(
      join(folder, "aftershock.yaml"),
      "cluster: test\nmode: observe\nprometheus: { url: http://127.0.0.1:9 }\nteams: { namespaces: [team-a] }\npolicies: []\nrules: { risks: . }\n",
    );
    const said: string[] = [];
    const io = {
      env: {},
      cwd: folder,
      out: (text: string) => void said.push(text),
      err: (text: string) => void said.push(text),
      terminal: false,
      signal: new AbortController().signal,
    };
    expect(await runCli(["config", "check"], io)).not.toBe(0);
    expect(said.join("")).toContain("rules.risks: bad.yaml");
  });
});
