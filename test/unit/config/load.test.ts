import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { describeConfig } from "../../../src/config/load/describe.ts";
import { loadConfig, parseConfig } from "../../../src/config/load/load.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../../src/core/model/policy.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { expectGolden } from "../../support/golden.ts";

const FOLDER = new URL("../../../fixtures/config/", import.meta.url).pathname;
const ENV = {
  API_KEY: "hunter2-key",
  GRAFANA_TOKEN: "hunter2-grafana",
  PROM_TOKEN: "hunter2-token",
  STORAGE_URL: "redis://:hunter2@redis.chaos.svc:6379",
};
const load = (name: string) => loadConfig(`${FOLDER}${name}`, ENV, (path) => readFile(path, "utf8"));

test("the least configuration injects nothing, skips single replicas and keeps its data in a folder", async () => {
  const { config } = await load("minimal.yaml");
  expect(config.mode).toBe("sham");
  expect(config.policies[0]).toMatchObject({
    mode: "sham",
    schedule: { when: { kind: "windows", perDay: 1 }, shamShare: 0.15 },
    limits: { singleReplica: "skip", maxUnavailable: { unit: "pods", value: 1 }, cooldownMs: 30 * MINUTE_MS },
  });
  expect(config.storage.url.reveal()).toBe("embedded:./data");
  expect(config.observation.geometry).toEqual({
    stepMs: MINUTE_MS,
    beforeMs: 30 * MINUTE_MS,
    earlyMs: 10 * MINUTE_MS,
    graceMs: 5 * MINUTE_MS,
    lateMs: 10 * MINUTE_MS,
    extensionMs: 30 * MINUTE_MS,
  });
  expect(config.effects).toEqual({ minimum: DEFAULT_MINIMUM_EFFECT, overrides: [] });
  expect(config.slack).toBeNull();
  expect(config.protectedNamespaces).toEqual(expect.arrayContaining(["kube-*", "istio-system"]));
});

test("a policy's mode is capped by the global one and inherits it", async () => {
  const { config } = await load("full.yaml");
  expect(config.policies.map((policy) => policy.mode)).toEqual(["inject", "sham"]);
});

test("everything that can be written is understood", async () => {
  const { config } = await load("full.yaml");
  const [pods, team] = config.policies;
  expect(pods?.schedule.when).toMatchObject({
    kind: "windows",
    perDay: 6,
    windows: [{ fromMinute: 540 }, { toMinute: 1020 }],
  });
  expect(pods?.target).toMatchObject({
    labels: [
      { key: "tier", operator: "In", values: ["web", "api"] },
      { key: "legacy", operator: "DoesNotExist", values: [] },
    ],
    excludeLabels: [{ key: "team", operator: "In", values: ["payments"] }],
    names: ["go-app", "repeater"],
  });
  expect(pods?.faults).toEqual([
    { fault: { kind: "pod-delete" }, weight: 3 },
    { fault: { kind: "http-delay", delayMs: 1_500, percent: 50, durationMs: 5 * MINUTE_MS }, weight: 1 },
  ]);
  expect(pods?.limits).toEqual({
    perDay: 12,
    perNamespace: 20,
    perWorkload: 4,
    perService: 5,
    failedRequests: 5_000,
    cooldownMs: 90 * MINUTE_MS,
    maxUnavailable: { unit: "percent", value: 34 },
    singleReplica: "allow",
    minAgeMs: 5 * MINUTE_MS,
    confirmations: 3,
  });
  expect(team?.schedule).toEqual({
    timezone: "Europe/Paris",
    shamShare: 0.15,
    when: { kind: "cron", cron: "*/30 9-16 * * 1-5", jitterMs: 20 * MINUTE_MS },
  });
  expect(config.observation.historyMs).toBe(72 * HOUR_MS);
  expect(config.gates).toMatchObject({ lateAfterMs: 120 * SECOND_MS, degradedShare: 0.1, openDamageMax: 2 });
  expect(config.abort).toBeNull();
  expect(config.web).toEqual({ port: 9000, host: "127.0.0.1", url: "https://aftershock.example.com", hosts: [] });
});

test("a service's smallest effect builds on its namespace's, and is found before it", async () => {
  const { config } = await load("full.yaml");
  expect(config.effects.minimum.failureShare).toBe(0.01);
  expect(config.effects.overrides).toEqual([
    { services: "go-app/repeater", effect: { ...DEFAULT_MINIMUM_EFFECT, failureShare: 0.002, latencyRatio: 1.3 } },
    { services: "go-app/*", effect: { ...DEFAULT_MINIMUM_EFFECT, failureShare: 0.01, latencyRatio: 1.3 } },
  ]);
});

test("freeze days count in full in the calendar's zone, minutes to the minute", async () => {
  const { config } = await load("full.yaml");
  expect(
    config.calendar.freezes.map((one) => [new Date(one.fromMs).toISOString(), new Date(one.toMs).toISOString()]),
  ).toEqual([
    ["2026-12-19T23:00:00.000Z", "2027-01-02T23:00:00.000Z"],
    ["2026-11-27T07:00:00.000Z", "2026-11-27T19:00:00.000Z"],
  ]);
  expect(config.calendar.holidays).toEqual(
    expect.arrayContaining([
      { fromMs: Date.parse("2026-07-13T22:00:00Z"), toMs: Date.parse("2026-07-14T22:00:00Z"), why: "2026-07-14" },
      { fromMs: Date.parse("2026-04-02T22:00:00Z"), toMs: Date.parse("2026-04-03T22:00:00Z"), why: "Good Friday" },
    ]),
  );
});

test("the services that Aftershock depends on are read from the addresses, and their namespaces are protected", async () => {
  const text = `${await readFile(`${FOLDER}minimal.yaml`, "utf8")}storage: { url: "redis://redis.data:6379" }\n`;
  const context = { file: "/etc/aftershock/config.yaml", env: {}, readFile: async () => "" };
  const config = await parseConfig(
    text.replace("http://prometheus:", "http://prometheus.watch.svc.cluster.local:"),
    context,
  );
  expect(config.dependencies).toEqual(["watch/prometheus", "data/redis"]);
  expect(config.protectedNamespaces).toEqual(expect.arrayContaining(["watch", "data"]));
});

test("what was understood is printed with defaults and units, and without secrets", async () => {
  const { config } = await load("full.yaml");
  const text = describeConfig(config, Date.UTC(2026, 8, 1));
  expectGolden("config/full.described.txt", text);
  expect(text).not.toContain("hunter2");
});

test("a policy that asks for more than the mode at the top is told that it does not get it", async () => {
  const text = await readFile(`${FOLDER}minimal.yaml`, "utf8");
  const context = { file: "aftershock.yaml", env: {}, readFile: async () => "" };
  const told = async (mode: string) =>
    describeConfig(await parseConfig(text.replace(/^( +)- name: (.*)$/m, `$&\n$1  mode: ${mode}`), context), 0);
  expect(await told("inject")).toContain("mode sham (it asks for inject, but the mode at the top is sham)");
  expect(await told("observe")).toMatch(/^policy .*: mode observe$/m);
});

test.each([
  { name: "one of ours by its name", signals: "istio", path: "istio" },
  {
    name: "a path from the folder of the configuration, wherever the program was started",
    signals: "../own.yaml",
    path: "/etc/own.yaml",
  },
  { name: "an absolute path as it is", signals: "/srv/signals.yaml", path: "/srv/signals.yaml" },
])("signals: $name", async ({ signals, path }) => {
  const text = `${await readFile(`${FOLDER}minimal.yaml`, "utf8")}signals: ${signals}\n`;
  const { config } = await loadConfig("/etc/aftershock/aftershock.yaml", ENV, async () => text);
  expect(config.signals).toBe(path);
});

test("secrets are readable where they are needed and hidden everywhere else", async () => {
  const { config } = await load("full.yaml");
  expect(config.slack?.webhookUrl.reveal()).toBe("https://hooks.slack.com/services/T0/B0/hunter2");
  expect(config.prometheus.bearerToken?.reveal()).toBe("hunter2-token");
  for (const shown of [inspect(config, { depth: null }), JSON.stringify(config), `${config.storage.url}`]) {
    expect(shown).not.toContain("hunter2");
  }
});

test("the hash changes with the text and with the files it names, not with secrets", async () => {
  const read = (path: string) => readFile(path, "utf8");
  const hash = async (change: (path: string, text: string) => string, env = ENV) =>
    (await loadConfig(`${FOLDER}full.yaml`, env, async (path) => change(path, await read(path)))).hash;
  const plain = await hash((_, text) => text);
  expect(await hash((_, text) => text, { ...ENV, API_KEY: "other" })).toBe(plain);
  expect(await hash((path, text) => (path.endsWith("full.yaml") ? `${text}# x\n` : text))).not.toBe(plain);
  expect(await hash((path, text) => (path.endsWith(".ics") ? text.replace("Labour", "Labor") : text))).not.toBe(plain);
});

test("maps can be shared through anchors and merge keys", async () => {
  const text = `
cluster: test
prometheus: { url: http://prometheus:9090 }
policies:
  - &base
    name: one
    schedule: { windows: ["daily 00:00-24:00"] }
    target: { namespaces: [shop] }
    faults: [{ kind: pod-delete }]
  - { <<: *base, name: two }
`;
  const config = await parseConfig(text, { file: "config.yaml", env: {}, readFile: async () => "" });
  expect(config.policies.map((policy) => policy.name)).toEqual(["one", "two"]);
});
