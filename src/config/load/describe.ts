import { WITHOUT_NODES } from "../../core/model/cluster.ts";
import type { Fault } from "../../core/model/fault.ts";
import type { Limits, MinimumEffect, Policy } from "../../core/model/policy.ts";
import { POLICY_LABEL, type TeamBounds } from "../../core/model/team-policy.ts";
import { formatRequirement } from "../../core/targeting/selector.ts";
import { unreachable } from "../../core/unreachable.ts";
import { describeClosedDays } from "../calendar/closed-days.ts";
import { formatDuration } from "../values/duration.ts";
import { formatWindow } from "../values/windows.ts";
import type { Config, DigestRule } from "./config.ts";

/**
 * What was understood of a configuration at `nowMs`, defaults included, in words and human units;
 * secrets show only where they come from.
 */
export function describeConfig(config: Config, nowMs: number): string {
  const { prometheus, kubernetes, observation, failures, effects, gates, abort, earlyAlert, calendar } = config;
  const { geometry } = observation;
  const d = formatDuration;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["cluster", [`${config.cluster}, mode ${config.mode} (${MODE_MEANS[config.mode]}), seed ${config.seed}`]],
    ["prometheus", [prometheus.url, `timeout ${d(prometheus.timeoutMs)}`, ...prometheusExtras(config)]],
    [
      "kubernetes",
      [
        `context ${kubernetes.context ?? "(current)"}, own namespace ${kubernetes.namespace ?? "(the pod's; aftershock outside one)"}, lease ${kubernetes.lease}`,
        ...(kubernetes.nodes === "read" ? [] : [`nodes are not read: ${WITHOUT_NODES.join(", ")} are left out`]),
      ],
    ],
    ["slack", describeSlack(config)],
    ["alertmanager", describeAlertmanager(config)],
    ["webhook", [config.webhook === null ? "off" : `CloudEvents to ${config.webhook.url.source}`]],
    [
      "grafana",
      [config.grafana === null ? "off" : `annotations in ${config.grafana.url}, token: ${config.grafana.token}`],
    ],
    ["storage", [storageOf(config), retentionOf(config)]],
    ["signals", [config.signals]],
    ...Object.entries(config.rules).flatMap(([kind, folder]) =>
      folder === null ? [] : [[`rules of ${kind}`, [`the shipped ones and those of ${folder}`]] as const],
    ),
    ...config.policies.map((policy) => [`policy ${policy.name}`, describePolicy(policy, config)] as const),
    ["policies of teams", config.teams === null ? ["not read"] : describeTeams(config.teams)],
    ["never hit unless named", [config.protectedNamespaces.join(", ")]],
    [
      "never hit",
      config.dependencies.length === 0 ? ["(no own services are known)"] : [config.dependencies.join(", ")],
    ],
    [
      "calendar",
      [
        calendar.timezone,
        ...describeClosedDays(calendar, nowMs),
        ...calendar.freezes.map((one) => `freeze ${iso(one.fromMs)} to ${iso(one.toMs)}: ${one.why}`),
      ],
    ],
    [
      "observation",
      [
        `steps of ${d(geometry.stepMs)}; ${d(geometry.beforeMs)} before, ${d(geometry.earlyMs)} early, ${d(geometry.graceMs)} grace, ${d(geometry.lateMs)} late`,
        geometry.extensionMs
          ? `up to ${d(geometry.extensionMs)} longer while it is not settled whether damage stays`
          : "never longer",
        `${d(observation.historyMs)} of history`,
      ],
    ],
    [
      "smallest effects",
      [
        describeEffect(effects.minimum),
        ...effects.overrides.map((one) => `${one.services}: ${describeEffect(one.effect)}`),
      ],
    ],
    ...(Object.keys(failures).length === 0
      ? []
      : [["failures", [`own table: ${Object.keys(failures).join(", ")}`]] as const]),
    [
      "gates",
      [
        `a slot is missed after ${d(gates.lateAfterMs)}`,
        `degraded already: ${percent(gates.degradedShare)} failed and at least ${gates.degradedFailures} in ${d(gates.degradedWindowMs)}`,
        `at most ${gates.openDamageMax} experiment(s) with open damage`,
        config.alerts === null ? "alerts are not looked at" : `firing alerts: {${config.alerts}}`,
      ],
    ],
    [
      "abort",
      [
        abort === null
          ? "off"
          : `within ${d(abort.windowMs)}: ${abort.excessFailures} failures too many, or ${percent(abort.rateFall)} fewer requests and ${abort.missingRequests} missing`,
      ],
    ],
    [
      "early alert",
      [
        earlyAlert === null
          ? "off"
          : `before the verdict, when within ${d(earlyAlert.windowMs)} at least ${earlyAlert.failures} requests and ${percent(earlyAlert.share)} more than usual failed, far beyond chance`,
      ],
    ],
    ["weekly report", [`"${config.report.cron}" in ${config.report.timezone}`]],
    [
      "web",
      [
        `${config.web.host}:${config.web.port}${config.web.url === null ? "; messages have no link: web.url says where people reach it" : `, reached as ${config.web.url}`}`,
      ],
    ],
    ["links", config.links.length === 0 ? ["none"] : config.links.map(({ name, url }) => `${name}: ${url}`)],
    ["log", [`${config.log.level}, ${config.log.format}`]],
  ];
  const lines = sections.flatMap(([title, [first, ...rest]]) => [
    `${title}: ${first}`,
    ...rest.map((line) => `  ${line}`),
  ]);
  return `${lines.join("\n")}\n`;
}

const MODE_MEANS = {
  observe: "only what happens by itself is judged",
  sham: "nothing is injected",
  inject: "faults are injected",
} as const;

const iso = (ms: number): string => new Date(ms).toISOString().replace(/:\d\d\.000Z$/, "Z");

const percent = (share: number): string => `${Number((share * 100).toFixed(3))} %`;

function prometheusExtras({ prometheus: { headers, bearerToken, tenant, ca, matchers } }: Config): string[] {
  const extras = Object.keys(headers).map((name) => `header ${name}`);
  if (bearerToken !== null) extras.push(`bearer token: ${bearerToken}`);
  if (tenant !== null) extras.push(`tenant ${tenant}`);
  for (const [label, value] of Object.entries(matchers)) extras.push(`only ${label}="${value}"`);
  if (ca !== null) extras.push("own certificates");
  return extras;
}

function describeSlack({ slack }: Config): string[] {
  if (slack === null) return ["off"];
  const routes = slack.routes.map(({ channel, namespaces, labels, outcomes }) => {
    const fits = [
      ...(namespaces.length === 0 ? [] : [`in ${namespaces.join(", ")}`]),
      ...(labels.length === 0 ? [] : [`labels ${labels.map(formatRequirement).join(",")}`]),
      ...(outcomes.length === 0 ? [] : [outcomes.join(" or ")]),
    ];
    return `route to ${channel}: ${fits.join("; ") || "everything"}`;
  });
  const channels = Object.entries(slack.channels).map(
    ([name, webhook]) => `channel ${name}: ${webhook}${describeDigest(slack.digests[name] ?? null)}`,
  );
  return [`webhook: ${slack.webhookUrl}${describeDigest(slack.digest)}`, ...channels, ...routes];
}

function describeDigest(digest: DigestRule | null): string {
  if (digest === null) return "";
  const [minute = "", hour = ""] = digest.cron.split(" ");
  const when =
    digest.every === "hourly" ? "every hour" : `daily at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  return `, together ${when}${digest.everything ? "" : ", urgent ones at once"}`;
}

function describeAlertmanager({ alertmanager }: Config): string[] {
  if (alertmanager === null) return ["off"];
  return [alertmanager.urls.join(", "), ...Object.keys(alertmanager.headers).map((name) => `header ${name}`)];
}

/** Scheme and host only: the rest of the address may be a secret. */
function storageOf({ storage: { url } }: Config): string {
  const text = url.reveal();
  const shown = text.startsWith("embedded:")
    ? text
    : `${URL.parse(text)?.protocol ?? ""}//${URL.parse(text)?.host ?? ""}`;
  return `${shown} (from ${url.source})`;
}

function retentionOf({ storage: { retention } }: Config): string {
  const d = formatDuration;
  return `kept: what experiments saw ${d(retention.seenMs)}, verdicts without news ${d(retention.detailsMs)}, the journal ${d(retention.journalMs)}`;
}

const describeEffect = (one: MinimumEffect): string =>
  [
    `failures +${percent(one.failureShare)} and ${one.excessFailures}`,
    `latency ×${one.latencyRatio}`,
    `requests −${percent(one.rateFall)} and ${one.missingRequests}`,
  ].join("; ");

function describeTeams({ namespaces, mode, faults, standingMs, policies, experimentsPerDay, limits }: TeamBounds) {
  return [
    `ConfigMaps labelled ${POLICY_LABEL}=true in ${namespaces.join(", ")}; at most ${policies} in each`,
    `mode ${mode} at most`,
    `faults: ${faults.join(", ")}; HTTP faults stand for ${formatDuration(standingMs)} at most`,
    `when: at most ${experimentsPerDay} experiments of one policy a day`,
    `limits: ${describeLimits({ ...limits, perNamespace: limits.perDay })}`,
  ];
}

function describePolicy(policy: Policy, { mode, askedModes }: Pick<Config, "mode" | "askedModes">): string[] {
  const asked = askedModes.get(policy.name);
  const { schedule, target, limits, faults } = policy;
  const when =
    schedule.when.kind === "windows"
      ? `${schedule.when.perDay} a day at random within ${schedule.when.windows.map(formatWindow).join(" and ")}`
      : `"${schedule.when.cron}"${schedule.when.jitterMs === 0 ? "" : `, up to ${formatDuration(schedule.when.jitterMs)} later`}`;
  const total = faults.reduce((sum, one) => sum + one.weight, 0);
  const narrowed = [
    ...(target.labels.length === 0 ? [] : [`labels ${target.labels.map(formatRequirement).join(",")}`]),
    ...(target.names.length === 0 ? [] : [`names ${target.names.join(", ")}`]),
    ...(target.excludeLabels.length === 0 ? [] : [`not ${target.excludeLabels.map(formatRequirement).join(",")}`]),
  ];
  return [
    `mode ${policy.mode}${asked === undefined ? "" : ` (it asks for ${asked}, but the mode at the top is ${mode})`}`,
    `when: ${when} (${schedule.timezone}); ${percent(schedule.shamShare)} shams`,
    `what: ${target.kinds.join(", ")} in ${target.namespaces.join(", ")}${narrowed.map((one) => `; ${one}`).join("")}`,
    `faults: ${faults.map((one) => `${describeFault(one.fault)} ${percent(one.weight / total)}`).join(", ")}`,
    `limits: ${describeLimits(limits)}`,
  ];
}

function describeLimits(limits: Limits): string {
  const { maxUnavailable } = limits;
  const budgets = [
    `${limits.perDay} injections a day`,
    ...(limits.perNamespace === undefined ? [] : [`${limits.perNamespace} in a namespace`]),
    ...(limits.perWorkload === undefined ? [] : [`${limits.perWorkload} on a workload`]),
    ...(limits.perService === undefined ? [] : [`${limits.perService} on a service`]),
    ...(limits.failedRequests === undefined ? [] : [`${limits.failedRequests} failed requests of a service a week`]),
  ];
  return `${budgets.join(", ")}; cooldown ${formatDuration(limits.cooldownMs)}; at most ${
    maxUnavailable.unit === "percent" ? `${maxUnavailable.value} % of the pods` : `${maxUnavailable.value} pod(s)`
  } missing; single replicas: ${limits.singleReplica}; nothing younger than ${formatDuration(limits.minAgeMs)}${
    limits.confirmations === undefined ? "" : `; ${describeRepeats(limits.confirmations)}`
  }`;
}

const describeRepeats = (most: number): string =>
  most === 0 ? "nothing is repeated" : `each suspect is hit again at most ${most} times`;

function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "pod-delete":
    case "pod-evict":
    case "pod-kill":
      return fault.kind;
    case "node-drain": {
      const single = fault.singleReplicas === "hit" ? ", single replicas included" : "";
      return `${fault.kind} for ${formatDuration(fault.durationMs)}${single}`;
    }
    case "zone-outage":
      return `${fault.kind} for ${formatDuration(fault.durationMs)}`;
    case "http-abort":
      return `${fault.kind} (${fault.httpStatus}, ${fault.percent} % of requests, ${formatDuration(fault.durationMs)})`;
    case "http-delay":
      return `${fault.kind} (${formatDuration(fault.delayMs)}, ${fault.percent} % of requests, ${formatDuration(fault.durationMs)})`;
    default:
      return unreachable(fault);
  }
}
