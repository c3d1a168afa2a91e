import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config/load/load.ts";
import { readTeamPolicy } from "../../../src/config/policy/team-policy.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import type { PolicyText, TeamBounds } from "../../../src/core/model/team-policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { policyText, SOUND, teamBounds } from "../../support/teams.ts";

const read = (text: PolicyText, bounds: TeamBounds = teamBounds()) => readTeamPolicy(text, bounds, "Europe/Berlin");

function sound(text: string, bounds?: TeamBounds): Policy {
  const answer = read(policyText("orders", text), bounds);
  if (answer.kind === "sound") return answer.policy;
  throw new Error(answer.why);
}

function whyNot(text: PolicyText, bounds?: TeamBounds): string {
  const answer = read(text, bounds);
  return answer.kind === "refused" ? answer.why : `understood as ${JSON.stringify(answer.policy)}`;
}

describe("a policy in its team's namespace", () => {
  test("is called after namespace and ConfigMap, reaches its own namespace, and takes from the bounds what it leaves out", () => {
    const bounds = teamBounds({ limits: { ...teamBounds().limits, perDay: 3, perWorkload: 2, cooldownMs: HOUR_MS } });
    expect(sound(SOUND, bounds)).toMatchObject({
      name: "shop.orders",
      mode: "inject",
      schedule: { timezone: "Europe/Berlin", when: { kind: "windows", perDay: 4 }, shamShare: 0.15 },
      target: { namespaces: ["shop"], kinds: ["Deployment", "StatefulSet"] },
      faults: [{ fault: { kind: "pod-delete" }, weight: 1 }],
      limits: {
        perDay: 3,
        perNamespace: 3,
        perWorkload: 2,
        cooldownMs: HOUR_MS,
        maxUnavailable: { unit: "pods", value: 1 },
        singleReplica: "skip",
        minAgeMs: 10 * MINUTE_MS,
      },
    });
  });

  test("may be stricter than its bounds in everything", () => {
    const strict = sound(`mode: sham
name: orders
schedule: { cron: "*/30 9-16 * * 1-5", jitter: 20m, timezone: UTC, shamShare: 1 }
target: { namespaces: [shop], names: [orders], kinds: [Deployment] }
faults: [{ kind: pod-evict }]
limits: { perDay: 1, perNamespace: 1, perWorkload: 1, perService: 1, failedRequests: 1, cooldown: 1d, maxUnavailable: 0, minAge: 1h }
`);
    expect(strict).toMatchObject({ mode: "sham", limits: { perDay: 1, perNamespace: 1, cooldownMs: 24 * HOUR_MS } });
  });

  test.each([
    { name: "capped by what teams may do", mode: "sham" as const, wanted: "inject", holds: "sham" },
    { name: "its own where that is lower", mode: "inject" as const, wanted: "observe", holds: "observe" },
  ])("has a mode that is $name", ({ mode, wanted, holds }) => {
    expect(sound(`mode: ${wanted}\n${SOUND}`, teamBounds({ mode })).mode).toBe(holds);
  });

  test("may use faults that stand, where teams may, for as long as they may", () => {
    const bounds = teamBounds({ faults: ["http-delay"] });
    const delay = (duration: string) => SOUND.replace("pod-delete", `http-delay, duration: ${duration}`);
    expect(sound(delay("5m"), bounds).faults[0]?.fault).toMatchObject({
      kind: "http-delay",
      durationMs: 5 * MINUTE_MS,
    });
    expect(whyNot(policyText("orders", delay("6m")), bounds)).toBe(
      "line 2, faults[0].duration: stands for 6m; at most 5m are allowed: write duration: 5m",
    );
  });
});

const limited = (limits: string) => `${SOUND}limits: { ${limits} }\n`;

test.each([
  { name: "an unknown key", text: `${SOUND}owner: ada\n`, says: 'line 3: unknown key "owner"' },
  { name: "a wrong type", text: limited("perDay: many"), says: "line 3, limits.perDay: expected" },
  {
    name: "another namespace",
    text: `${SOUND}target: { namespaces: [payments] }`,
    says: "reaches its own namespace only",
  },
  { name: "a pattern", text: `${SOUND}target: { namespaces: ["*"] }`, says: "its own namespace only, which is shop" },
  { name: "its own namespace and one more", text: `${SOUND}target: { namespaces: [shop, bank] }`, says: '"bank"' },
  { name: "the name of another one", text: `name: returns\n${SOUND}`, says: 'is not the ConfigMap\'s name, "orders"' },
  { name: "windows and cron", text: SOUND.replace("perDay: 4", 'cron: "0 9 * * *"'), says: "expected windows or cron" },
  { name: "no faults", text: SOUND.replace("[{ kind: pod-delete }]", "[]"), says: "faults: expected at least 1 item" },
  { name: "a fault that teams may not use", text: SOUND.replace("delete", "kill"), says: '"pod-kill" is not among' },
  { name: "a fault that cordons nodes", text: SOUND.replace("pod-delete", "node-drain"), says: "not among the faults" },
  { name: "more injections a day", text: limited("perDay: 13"), says: "limits.perDay: 13 is more than the 12" },
  { name: "more in its namespace", text: limited("perNamespace: 13"), says: "limits.perNamespace: 13 is more than" },
  { name: "more failed requests", text: limited("failedRequests: 10001"), says: "10001 is more than the 10000" },
  { name: "a shorter cooldown", text: limited("cooldown: 29m"), says: "29m is less than the 30m" },
  { name: "a shorter minimum age", text: limited("minAge: 1s"), says: "1s is less than the 10m" },
  { name: "more pods at once", text: limited("maxUnavailable: 2"), says: "more than the 1 that are allowed" },
  {
    name: "a share where pods are counted",
    text: limited("maxUnavailable: 10%"),
    says: "unit of the bound, which is 1",
  },
  { name: "single replicas", text: limited("singleReplica: allow"), says: "one replica are left alone here" },
  { name: "too many experiments", text: SOUND.replace("perDay: 4", "perDay: 25"), says: "at most 24 are allowed" },
  {
    name: "a cron line that runs too often",
    text: `schedule: { cron: "* * * * *" }\nfaults: [{ kind: pod-delete }]`,
    says: "more than the 24 experiments a day",
  },
  { name: "garbage", text: "{{{ \u0000 [", says: "line 1" },
  { name: "text that is no map", text: "just words", says: "expected keys and values" },
  { name: "nothing", text: "", says: "the file is empty; expected at least `schedule` and `faults`" },
  { name: "brackets nested sixteen thousand deep", text: "[".repeat(16_000), says: "line 1" },
  {
    name: "an alias bomb",
    text: `a: &a [${"x,".repeat(50)}]\nb: &b [${"*a,".repeat(50)}]\nc: [${"*b,".repeat(50)}]`,
    says: "copies",
  },
])("a policy with $name is refused, and says so", ({ text, says }) => {
  expect(whyNot(policyText("orders", text))).toContain(says);
});

test.each([
  {
    name: "without the entry",
    changes: { entries: ["orders.yml"], text: null },
    says: 'expected an entry "policy.yaml"',
  },
  { name: "with a stranger beside it", changes: { entries: ["policy.yaml", "x"] }, says: 'unknown entry "x"' },
  {
    name: "of a megabyte",
    changes: { text: null, chars: 1_048_576 },
    says: "1048576 characters; at most 16384 are read",
  },
  {
    name: "whose name is no policy's",
    changes: { name: "kube-root-ca.crt" },
    says: "ConfigMap's name is the policy's",
  },
  { name: "with a long name", changes: { name: "a".repeat(41) }, says: "ConfigMap's name is the policy's" },
])("a ConfigMap $name is refused", ({ changes, says }) => {
  expect(whyNot(policyText("orders", SOUND, changes))).toContain(says);
});

test("what is wrong is told in a few lines, however much there is", () => {
  const strangers = Array.from({ length: 200 }, (_, i) => `key${i}: 1`).join("\n");
  expect(whyNot(policyText("orders", `${SOUND}${strangers}`)).length).toBeLessThanOrEqual(901);
  expect(whyNot(policyText("orders", limited(`${"k".repeat(16_000)}: 1`))).length).toBeLessThanOrEqual(901);
});

test("whatever stands in the text, a policy stays in its bounds or is refused", () => {
  const words = fc.constantFrom(
    "schedule",
    "faults",
    "limits",
    "perDay",
    "cron",
    "kind",
    ":",
    "{",
    "}",
    "[",
    "]",
    " ",
    "\n",
    "pod-delete",
    "1",
    '"',
    "&a",
    "*a",
    "!",
    "0s",
    "mode",
    "inject",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(words).map((all) => all.join("")),
      ),
      (text) => {
        const answer = read(policyText("orders", `${SOUND}${text}`));
        if (answer.kind === "refused") return answer.why.length > 0;
        const { limits, target } = answer.policy;
        return target.namespaces.join() === "shop" && limits.perDay <= 12 && limits.cooldownMs >= 30 * MINUTE_MS;
      },
    ),
    { numRuns: 150 },
  );
});

describe("the service's configuration", () => {
  const config = (teams: string, policies = "[]") =>
    parseConfig(`cluster: a\nmode: inject\nprometheus: { url: "http://p.mon:9090" }\npolicies: ${policies}\n${teams}`, {
      file: "aftershock.yaml",
      env: {},
      readFile: async () => "",
    });

  test("reads no policies of teams unless it says so, and needs its own then", async () => {
    await expect(config("")).rejects.toThrow("policies: expected at least 1 item, or teams that have their own");
    expect((await config("teams: { namespaces: [shop] }")).teams).toEqual(teamBounds());
  });

  test.each([
    { name: "a namespace that is always protected", teams: "[kube-system]", says: "kube-system is protected (kube-*)" },
    { name: "Prometheus' own", teams: "[mon]", says: "mon is protected: no team's policy is read there" },
    { name: "a pattern", teams: '["team-*"]', says: '"team-*" is not a name' },
    { name: "faults that cordon nodes", teams: "[shop], faults: [node-drain]", says: '"node-drain" is not one of' },
  ])("with $name is refused", async ({ teams, says }) => {
    await expect(config(`teams: { namespaces: ${teams} }`)).rejects.toThrow(says);
  });

  test("caps the mode of teams by its own", async () => {
    const loaded = await config("teams: { namespaces: [shop], mode: sham }");
    expect(loaded.teams?.mode).toBe("sham");
  });
});
