import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load/load.ts";
import { AftershockError } from "../../../src/core/model/error.ts";

const FOLDER = new URL("../../../fixtures/config/", import.meta.url).pathname;

async function refusal(name: string): Promise<AftershockError> {
  const answer: unknown = await loadConfig(`${FOLDER}${name}`, {}, (path) => readFile(path, "utf8")).catch(
    (cause: unknown) => cause,
  );
  if (answer instanceof AftershockError) return answer;
  throw new Error(`${name} was not refused: ${inspect(answer)}`);
}

/** Every file of fixtures/config that must be refused, with what the refusal must say. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "alias-bomb": ["unfold to more than 100 copies"],
  "broken-yaml": ["line 3: Flow map"],
  "comment-only": ["the file is empty"],
  "cooldown-number": ["line 8, policies[0].limits.cooldown: expected a duration: write 60s"],
  "cron-and-windows": ["line 5, policies[0].schedule: expected windows or cron, not both"],
  "cron-minute-99": [
    'line 5, policies[0].schedule.cron: "99 9 * * *" is not a cron line: Invalid value for minute: 99',
  ],
  "cron-never": ['policies[0].schedule.cron: "0 9 31 2 *" never happens'],
  "cron-seconds": ['policies[0].schedule.cron: "0 0 9 * * *" has 6 parts'],
  "drain-without-nodes": ["policies[0].faults[0]: node-drain needs nodes, and kubernetes.nodes leaves them out"],
  digest: [
    'line 10, slack.digest.every: "weekly" is not one of "hourly", "daily"',
    'line 10, slack.digest.at: "9:00" is not a time of day',
    'line 12, slack.digests.payments.every: Invalid option: expected one of "hourly"|"daily"',
    'slack.digests.payments.at: "25:00" is not a time of day',
  ],
  "digest-of-nobody": ['line 12, slack.digests.billing: "billing" is not a channel; known: payments'],
  "duplicate-key": ["line 8: this key stands twice"],
  "duplicate-policy": ['line 8, policies[1].name: "one" is the name of policies[0] already'],
  "duration-unit": ['policies[0].limits.cooldown: "30 minutes" is not a duration'],
  "effect-negative": ['effects.services["shop/cart"].failureShare: "-1%" is not a share'],
  "effect-no-namespace": ["effects.services.cart: expected namespace/service"],
  empty: ["the file is empty"],
  "fault-foreign-key": ['policies[0].faults[0]: unknown key "duration"; known here: kind, weight'],
  "fault-unknown": ['policies[0].faults[0].kind: unknown fault "pod-delte"; did you mean "pod-delete"?'],
  "faults-empty": ["policies[0].faults: expected at least 1 item"],
  "freeze-backwards": ["line 8, calendar.freeze[0]: ends (2026-12-20) before it begins (2027-01-02)"],
  "freeze-no-such-day": ['calendar.freeze[0].from: "2026-02-30" is not a date'],
  "holidays-garbage": ["calendar.holidays.ics: ../calendar/garbage.ics: line 1:"],
  "holidays-missing-file": ["calendar.holidays.ics: file nowhere.ics does not exist"],
  "jitter-with-windows": ["policies[0].schedule.jitter: belongs to cron"],
  "kind-unknown": ['policies[0].target.kinds[0]: "Deploymnet" is not one of', 'did you mean "Deployment"?'],
  links: [
    'line 9, links[0].url: unknown placeholder {{form}}; did you mean "from"?; known here: {{cluster}}',
    "line 10, links[1].url: a placeholder must not stand in the host",
    "line 11, links[2].url: expected an address that begins with http://",
    "line 12, links[3].url: a secret must not stand in a link",
    "line 13, links[4].url: a placeholder is not closed",
    "line 14, links[5].url: a secret must not stand in a link",
  ],
  "links-name": ['line 10, links[1].name: "Grafana" is the name of links[0] already'],
  many: [
    "6 problems",
    "cluster: is missing",
    'line 1: unknown key "clutser"; did you mean "cluster"?',
    "line 5, policies[0].schedule.timezone",
    "line 7, policies[0].faults[0].kind",
    "line 8, mode",
    "line 9, slack.webhookUrl",
  ],
  "max-unavailable": ['policies[0].limits.maxUnavailable: "a third" is neither'],
  "missing-everything": ["cluster: is missing", "prometheus: is missing", "policies: is missing"],
  "mode-misspelt": ['line 8, mode: "injekt" is not one of "observe", "sham", "inject"; did you mean "inject"?'],
  "namespace-upper-case": ['policies[0].target.namespaces[0]: "Shop" is not a namespace'],
  "namespaces-empty": ["policies[0].target.namespaces: expected at least 1 item"],
  "neither-cron-nor-windows": ["line 5, policies[0].schedule: expected windows"],
  "not-a-map": ["expected keys and values at the top of the file"],
  "observation-short": ["observation.before: 2m is too short; expected at least 3 steps of 1m"],
  "observation-uneven": ["observation.late: 5m30s is not a whole number of steps of 1m"],
  "per-day-text": ["policies[0].schedule.perDay: expected a number, got text"],
  "per-day-with-cron": ["policies[0].schedule.perDay: belongs to windows"],
  "per-day-zero": ["policies[0].schedule.perDay: expected at least 1"],
  "policy-name": ['policies[0].name: "One Policy" is not a name'],
  "port-too-big": ["web.port: expected at most 65535"],
  "prometheus-scheme": ["line 2, prometheus.url: expected an address that begins with http://"],
  "report-cron": ['report.cron: "every monday" has 2 parts'],
  "retention-longer": ["line 8, storage.retention.seen: is longer than the journal is kept (100d)"],
  "retention-short": ["line 8, storage.retention.journal:"],
  "secret-empty-file": ["slack.webhookUrl: file empty-secret is empty"],
  "secret-in-header": ["prometheus.headers.Authorization: a secret must not stand in this file"],
  "secret-in-prometheus-url": ["prometheus.url: a password must not stand in this file; use bearerToken"],
  "secret-in-storage-url": ["storage.url: a password must not stand in this file; write url: { env:"],
  "secret-literal": ["line 8, slack.webhookUrl: a secret must not stand in this file; write { env:"],
  "secret-missing-file": ["slack.webhookUrl: file no-such-secret does not exist"],
  "secret-unset": ["slack.webhookUrl: environment variable NOT_SET is not set"],
  "selector-broken": ['policies[0].target.labels: "tier in web" is not a label requirement'],
  "sham-share-too-big": ["policies[0].schedule.shamShare: 15 is not between 0 and 1"],
  "storage-scheme": ["storage.url: expected an address that begins with embedded:, redis:"],
  tab: ["line 3: a tab stands where spaces are expected"],
  tag: ["line 8: Unresolved tag", "tags are not used"],
  "two-documents": ["line 8: a second document begins here"],
  "unknown-key": ['line 6, policies[0].target: unknown key "namspaces"; did you mean "namespaces"?'],
  "unknown-key-at-top": ['line 8: unknown key "polices"; did you mean "policies"?'],
  "unresolved-alias": ["Unresolved alias"],
  "weekday-misspelt": ['policies[0].schedule.windows[0]: "mno" is not a weekday; did you mean "mon"?'],
  "weight-zero": ["line 7, policies[0].faults[0].weight: expected a weight above 0"],
  "window-backwards": ['policies[0].schedule.windows[0]: "mon-fri 22:00-06:00" ends before it begins'],
  "window-hour-25": ['policies[0].schedule.windows[0]: "25:00" is not a time of day'],
  "window-no-times": ['policies[0].schedule.windows[0]: "mon-fri" is not a window'],
  "zone-offset": ['policies[0].schedule.timezone: unknown time zone "+02:00"; write an IANA name'],
  "zone-unknown": ['policies[0].schedule.timezone: unknown time zone "Europe/Berln"; did you mean "Europe/Berlin"?'],
};

test.each(Object.entries(REFUSED))("%s is refused, and the refusal says where and why", async (name, parts) => {
  const error = await refusal(`${name}.bad.yaml`);
  expect(error.code).toBe("config-invalid");
  for (const part of parts) expect(error.message).toContain(part);
});

test("every file that must be refused is in the table", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".bad.yaml"));
  expect(files.toSorted()).toEqual(
    Object.keys(REFUSED)
      .map((name) => `${name}.bad.yaml`)
      .toSorted(),
  );
});

test("no refusal shows a secret that stood in the file", async () => {
  for (const name of Object.keys(REFUSED)) {
    const error = await refusal(`${name}.bad.yaml`);
    expect(inspect(error, { depth: null })).not.toContain("hunter2");
  }
});

test("a file that is not there is refused with the way to name one", async () => {
  const error = await refusal("no-such-file.yaml");
  expect(error).toMatchObject({ code: "config-invalid", message: expect.stringContaining("does not exist") });
  expect(error.hint).toContain("--config");
});
