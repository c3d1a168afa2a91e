import * as z from "zod";
import { MODES } from "../../core/model/policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from "../../core/model/units.ts";
import {
  badKey,
  cron,
  dnsLabel,
  duration,
  httpUrl,
  localMoment,
  namePattern,
  oneOf,
  secretRef,
  section,
  share,
  timezone,
  whole,
} from "./fields.ts";
import { LINKS } from "./links-schema.ts";
import { POLICY, TEAMS } from "./policy-schema.ts";
import { whyNotHeader, whyNotStorageUrl } from "./secret-rules.ts";
import { SLACK } from "./slack-schema.ts";

const EFFECT = {
  failureShare: share.optional().describe("Rise of the share of failed requests."),
  excessFailures: z.number().min(0).optional().describe("Failed requests beyond what was expected."),
  latencyRatio: z.number().min(1).optional().describe("Latency afterwards, as a multiple."),
  rateFall: share.optional().describe("Fall of the request rate."),
  missingRequests: z.number().min(0).optional().describe("Requests missing from what was expected."),
};

const SERVICE_NAME = z.string().regex(/^[-a-z0-9]+\/[-a-z0-9.]+$/, { error: "expected namespace/service" });

/** https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels */
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function isRegExp(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const LABEL_PATTERN = section({
  label: z.string().regex(LABEL_NAME, { error: "expected a label name of Prometheus" }),
  matches: z
    .string()
    .min(1)
    .refine(isRegExp, { error: "expected a regular expression" })
    .describe("Regular expression for the whole value."),
});
const OWN_FAILURES = section({
  any: z.array(LABEL_PATTERN).min(1).optional().describe("One of these makes a request a failure."),
  exceptFlags: z.array(z.string().min(1)).optional().describe("Response flags that make it none."),
  except: z.array(LABEL_PATTERN).optional().describe("Labels that make it none."),
});

const STORAGE_URL = z
  .union([z.string(), secretRef], { error: "expected an address, { env: NAME_OF_A_VARIABLE } or { file: PATH }" })
  .superRefine((value, context) => {
    const why = typeof value === "string" ? whyNotStorageUrl(value) : null;
    if (why !== null) context.addIssue({ code: "custom", message: why });
  });

/** Budgets and staleness look back 90 days, a judgement's past eight. */
const RETENTION = section({
  seen: duration({ minMs: DAY_MS, maxMs: 3_650 * DAY_MS })
    .prefault("30d")
    .describe("What experiments saw: their charts and replays."),
  details: duration({ minMs: 8 * DAY_MS, maxMs: 3_650 * DAY_MS })
    .prefault("30d")
    .describe("Verdicts on services that did not get worse and had nothing to do with it."),
  journal: duration({ minMs: 91 * DAY_MS, maxMs: 3_650 * DAY_MS })
    .prefault("400d")
    .describe("Everything else of an experiment that is over."),
});

const HEADERS = z.record(z.string(), z.union([z.string(), secretRef])).superRefine((headers, context) => {
  for (const [name, value] of Object.entries(headers)) {
    const why = whyNotHeader(name, value);
    if (why !== null) context.addIssue({ code: "custom", path: [name], message: why });
  }
});

const HOLIDAYS = section({
  ics: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe("Calendar files (.ics), relative to this file."),
  dates: z.array(localMoment).default([]).describe("Single days, 2026-12-24."),
});

/** The file as people write it: docs/configuration.md. */
export const CONFIG = section({
  cluster: z.string().min(1).max(63).describe("Name of the cluster in messages and in shared storage."),
  mode: oneOf(MODES).default("sham").describe("Nothing is injected until somebody writes inject."),
  seed: whole(0, 0xffffffff).optional().describe("Seed of the schedule; default: made from the cluster's name."),
  prometheus: section({
    url: httpUrl.describe("Prometheus, Thanos, Mimir or VictoriaMetrics."),
    headers: HEADERS.prefault({}).describe("Sent with every request."),
    bearerToken: secretRef.optional(),
    tenant: z.string().min(1).optional().describe("Sent as X-Scope-OrgID."),
    matchers: z
      .record(z.string().regex(LABEL_NAME), z.string(), { error: badKey("a label name of Prometheus") })
      .default({})
      .describe("Labels and values that go into every selector of every query, such as cluster: prod-eu."),
    timeout: duration({ minMs: SECOND_MS, maxMs: 10 * MINUTE_MS }).prefault("30s"),
    ca: z.string().min(1).optional().describe("File with the certificates to trust (PEM)."),
  }),
  kubernetes: section({
    context: z
      .string()
      .min(1)
      .optional()
      .describe("Context of the kubeconfig; default: the current one, or the pod's service account."),
    namespace: dnsLabel
      .optional()
      .describe("Aftershock's own namespace, with its lease; default: the pod's, outside a pod aftershock."),
    lease: dnsLabel.default("aftershock").describe("Name of the lease that guards injection."),
    nodes: oneOf(["read", "leave-out"])
      .default("read")
      .describe(
        "leave-out: roles in namespaces are enough. Pressure on nodes, spread, zones and drains are then left out.",
      ),
  }).prefault({}),
  slack: SLACK.optional(),
  alertmanager: section({
    url: z
      .union([httpUrl, z.array(httpUrl).min(1)])
      .describe("Address of Alertmanager without /api/v2; all instances of a cluster as a list."),
    headers: HEADERS.prefault({}).describe("Sent with every request."),
    timeout: duration({ minMs: SECOND_MS, maxMs: MINUTE_MS }).prefault("10s"),
  }).optional(),
  webhook: section({
    url: z.union([httpUrl, secretRef]).describe("Gets each message as a CloudEvent."),
    secret: secretRef.describe("Signs each message (HMAC-SHA256, as Standard Webhooks says)."),
    timeout: duration({ minMs: SECOND_MS, maxMs: MINUTE_MS }).prefault("10s"),
  }).optional(),
  grafana: section({
    url: httpUrl.describe("Address of Grafana without /api."),
    token: secretRef.describe("Of a service account that may read and write annotations."),
    timeout: duration({ minMs: SECOND_MS, maxMs: MINUTE_MS }).prefault("10s"),
  })
    .optional()
    .describe("Experiments are annotated there."),
  storage: section({
    url: STORAGE_URL.default("embedded:./data").describe(
      "embedded:./data, redis://…, rediss://…, redis+sentinel://…, postgres://…",
    ),
    retention: RETENTION.prefault({}),
  }).prefault({}),
  signals: z
    .string()
    .min(1)
    .default("istio")
    .describe("A file of rules/signals by its name, or a path, relative to this file."),
  rules: section({
    diagnosis: z
      .string()
      .min(1)
      .optional()
      .describe("A folder of diagnosis rules beside the shipped ones, relative to this file."),
    risks: z
      .string()
      .min(1)
      .optional()
      .describe("A folder of rules of risks beside the shipped ones, relative to this file."),
  }).prefault({}),
  failures: z
    .record(SERVICE_NAME, OWN_FAILURES, { error: badKey("namespace/service") })
    .default({})
    .describe("What a failed request is of single services; default: the table of the signals file."),
  policies: z.array(POLICY).describe("May be empty when teams have their own."),
  teams: TEAMS.optional().describe("Policies that teams keep in their own namespaces; left out, none are read."),
  calendar: section({
    timezone: timezone.default("UTC"),
    freeze: z
      .array(section({ from: localMoment, to: localMoment, why: z.string().min(1) }))
      .default([])
      .describe("Nothing is injected; days count in full."),
    holidays: HOLIDAYS.prefault({}),
  }).prefault({}),
  protectedNamespaces: z
    .array(namePattern)
    .default([])
    .describe("More namespaces that a policy reaches only by naming them in full."),
  observation: section({
    step: duration({ minMs: 5 * SECOND_MS, maxMs: 10 * MINUTE_MS }).prefault("60s"),
    before: duration({ maxMs: DAY_MS }).prefault("30m"),
    early: duration({ maxMs: DAY_MS }).prefault("10m"),
    grace: duration({ maxMs: DAY_MS }).prefault("5m"),
    late: duration({ maxMs: DAY_MS }).prefault("10m"),
    extension: duration({ maxMs: 2 * HOUR_MS })
      .prefault("30m")
      .describe(
        "For how long at most it is observed after that while it is not settled whether damage stays; 0s: never.",
      ),
    history: duration({ minMs: HOUR_MS, maxMs: WEEK_MS })
      .prefault("7d")
      .describe("How far back a service's own history is read."),
  }).prefault({}),
  effects: section({
    ...EFFECT,
    namespaces: z.record(dnsLabel, section(EFFECT), { error: badKey("the name of a namespace") }).default({}),
    services: z.record(SERVICE_NAME, section(EFFECT), { error: badKey("namespace/service") }).default({}),
  }).prefault({}),
  gates: section({
    lateAfter: duration({ minMs: SECOND_MS, maxMs: HOUR_MS })
      .prefault("60s")
      .describe("A slot that is older is missed."),
    degradedShare: share
      .default(0.05)
      .describe("Share of failed requests from which a service counts as degraded already."),
    degradedFailures: whole(1).default(5),
    degradedWindow: duration({ minMs: MINUTE_MS, maxMs: HOUR_MS }).prefault("5m"),
  }).prefault({}),
  openDamage: section({
    max: whole(1, 100).default(1).describe("Experiments with open damage at which nothing more is injected."),
  }).prefault({}),
  alerts: section({
    enabled: z.boolean().default(true),
    selector: z
      .string()
      .default('severity=~"critical|page"')
      .describe("Label matchers of alerts that stop injections while they fire."),
  }).prefault({}),
  abort: section({
    enabled: z.boolean().default(true),
    window: duration({ minMs: 30 * SECOND_MS, maxMs: 10 * MINUTE_MS }).prefault("2m"),
    excessFailures: whole(1).default(50),
    rateFall: share.default(0.5),
    missingRequests: whole(1).default(100),
  }).prefault({}),
  earlyAlert: section({
    enabled: z.boolean().default(true),
    window: duration({ minMs: 30 * SECOND_MS, maxMs: 10 * MINUTE_MS })
      .prefault("60s")
      .describe("At most this long is looked back."),
    failures: whole(1).default(5).describe("At least so many failed requests."),
    share: share.default(0.05).describe("Share of failed requests above the usual one."),
  }).prefault({}),
  report: section({ cron: cron.default("0 9 * * 1"), timezone: timezone.optional() }).prefault({}),
  web: section({
    port: whole(0, 65_535).default(8080),
    host: z.string().min(1).default("0.0.0.0"),
    url: httpUrl.optional().describe("Where people reach it, for links in messages."),
    hosts: z
      .array(
        z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, { error: "expected a host name without port" }),
      )
      .default([])
      .describe("Names under which it is reached besides that of url; under others it does not answer."),
  }).prefault({}),
  links: LINKS.default([]).describe(
    "Links to other tools at the time of an experiment; the first two go into messages.",
  ),
  log: section({
    level: oneOf(["debug", "info", "warn", "error"]).default("info"),
    format: oneOf(["json", "text"]).default("json"),
  }).prefault({}),
});

export type ConfigFile = z.output<typeof CONFIG>;
