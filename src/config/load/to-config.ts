import { resolve } from "node:path";
import { lowerMode } from "../../core/model/policy.ts";
import { seedOf } from "../../core/random.ts";
import { toCalendar } from "../calendar/calendar.ts";
import { toPolicy } from "../policy/policy.ts";
import { toTeams } from "../policy/teams.ts";
import type { Path } from "../problems/problem.ts";
import { type ReadNamed, type Report, readSecret } from "../problems/read-named.ts";
import type { ConfigFile } from "../schema/schema.ts";
import { Secret, type SecretRef, sourceOf } from "../values/secret.ts";
import type { Config, DigestRule } from "./config.ts";
import { protectedNamespaces, serviceOfUrl } from "./dependencies.ts";
import { toEffects } from "./effects.ts";

/** `istio` is one of ours; `signals.yaml` and `../signals/own` lie beside the configuration. */
const isPath = (signals: string): boolean => /[/.]/.test(signals);

const besideFile = (folder: string, path: string | undefined): string | null =>
  path === undefined ? null : resolve(folder, path);

/** Where values come from that do not stand in the file. */
export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number | null;
  /** Folder of the file: paths in it are relative to this one. */
  readonly folder: string;
  readonly readPublic: ReadNamed;
  readonly readSecretFile: ReadNamed;
  readonly report: Report;
  /** What is wrong with a secret. */
  readonly reportSecret: Report;
}

/**
 * The file with its defaults and secrets. What is missing is reported; the answer is then not to be
 * used.
 */
export async function toConfig(
  file: ConfigFile,
  { env, nowMs, folder, readPublic, readSecretFile, report, reportSecret }: Sources,
): Promise<Config> {
  const secret = async (path: Path, ref: SecretRef): Promise<Secret> =>
    (await readSecret(path, ref, env, readSecretFile, reportSecret)) ?? new Secret("", "nowhere");
  const open = async (path: Path, value: string | SecretRef): Promise<Secret> =>
    typeof value === "string" ? new Secret(value, "the configuration file") : secret(path, value);

  const certificates = async (name: string): Promise<Secret> => {
    const path = ["prometheus", "ca"];
    const text = (await readPublic(path, name)) ?? "";
    return new Secret(text, sourceOf({ file: name }), () => readSecretFile(path, name));
  };

  const { prometheus, kubernetes, observation, gates } = file;
  const { retention } = file.storage;
  const openAll = async (path: Path, values: Readonly<Record<string, string | SecretRef>>) => {
    const opened: Record<string, Secret> = {};
    for (const [name, value] of Object.entries(values)) opened[name] = await open([...path, name], value);
    return opened;
  };
  const headers = await openAll(["prometheus", "headers"], prometheus.headers);
  const { alertmanager, webhook, grafana } = file;
  const storageUrl = await open(["storage", "url"], file.storage.url);
  const dependencies = [prometheus.url, storageUrl.reveal()].flatMap((url) => serviceOfUrl(url) ?? []);
  const ownNamespace = kubernetes.namespace ?? null;
  const shielded = protectedNamespaces(file.protectedNamespaces, ownNamespace, dependencies);
  return {
    cluster: file.cluster,
    mode: file.mode,
    seed: file.seed ?? seedOf(file.cluster),
    prometheus: {
      url: prometheus.url,
      headers,
      bearerToken:
        prometheus.bearerToken === undefined
          ? null
          : await secret(["prometheus", "bearerToken"], prometheus.bearerToken),
      tenant: prometheus.tenant ?? null,
      matchers: prometheus.matchers,
      timeoutMs: prometheus.timeout,
      ca: prometheus.ca === undefined ? null : await certificates(prometheus.ca),
    },
    kubernetes: {
      context: kubernetes.context ?? null,
      namespace: ownNamespace,
      lease: kubernetes.lease,
      nodes: kubernetes.nodes,
    },
    slack:
      file.slack === undefined
        ? null
        : {
            webhookUrl: await secret(["slack", "webhookUrl"], file.slack.webhookUrl),
            channels: await openAll(["slack", "channels"], file.slack.channels),
            routes: file.slack.routes.map((route) => ({ ...route, labels: route.labels ?? [] })),
            digest: file.slack.digest === undefined ? null : toDigest(file.slack.digest),
            digests: Object.fromEntries(
              Object.entries(file.slack.digests).map(([channel, digest]) => [channel, toDigest(digest)]),
            ),
          },
    alertmanager:
      alertmanager === undefined
        ? null
        : {
            urls: [alertmanager.url].flat(),
            headers: await openAll(["alertmanager", "headers"], alertmanager.headers),
            timeoutMs: alertmanager.timeout,
          },
    webhook:
      webhook === undefined
        ? null
        : {
            url: await open(["webhook", "url"], webhook.url),
            secret: await secret(["webhook", "secret"], webhook.secret),
            timeoutMs: webhook.timeout,
          },
    grafana:
      grafana === undefined
        ? null
        : { url: grafana.url, token: await secret(["grafana", "token"], grafana.token), timeoutMs: grafana.timeout },
    storage: {
      url: storageUrl,
      retention: { seenMs: retention.seen, detailsMs: retention.details, journalMs: retention.journal },
    },
    signals: isPath(file.signals) ? resolve(folder, file.signals) : file.signals,
    rules: { diagnosis: besideFile(folder, file.rules.diagnosis), risks: besideFile(folder, file.rules.risks) },
    policies: file.policies.map((policy) => toPolicy(policy, { mode: file.mode, timezone: file.calendar.timezone })),
    askedModes: new Map(
      file.policies.flatMap(({ name, mode }) =>
        mode === undefined || lowerMode(file.mode, mode) === mode ? [] : [[name, mode] as const],
      ),
    ),
    teams: file.teams === undefined ? null : toTeams(file.teams, file.mode, shielded, report),
    calendar: await toCalendar(file.calendar, nowMs, readPublic, report),
    protectedNamespaces: shielded,
    dependencies,
    observation: {
      geometry: {
        stepMs: observation.step,
        beforeMs: observation.before,
        earlyMs: observation.early,
        graceMs: observation.grace,
        lateMs: observation.late,
        extensionMs: observation.extension,
      },
      historyMs: observation.history,
    },
    failures: file.failures,
    effects: toEffects(file.effects),
    gates: {
      lateAfterMs: gates.lateAfter,
      degradedShare: gates.degradedShare,
      degradedFailures: gates.degradedFailures,
      degradedWindowMs: gates.degradedWindow,
      openDamageMax: file.openDamage.max,
    },
    alerts: file.alerts.enabled ? file.alerts.selector : null,
    abort: file.abort.enabled
      ? {
          windowMs: file.abort.window,
          excessFailures: file.abort.excessFailures,
          rateFall: file.abort.rateFall,
          missingRequests: file.abort.missingRequests,
        }
      : null,
    earlyAlert: file.earlyAlert.enabled
      ? { windowMs: file.earlyAlert.window, failures: file.earlyAlert.failures, share: file.earlyAlert.share }
      : null,
    report: { cron: file.report.cron, timezone: file.report.timezone ?? file.calendar.timezone },
    web: { port: file.web.port, host: file.web.host, url: file.web.url ?? null, hosts: file.web.hosts },
    links: file.links,
    log: file.log,
  };
}

/** A daily one by its time of day; an hourly one at every full hour. */
function toDigest({
  every,
  at,
  urgent,
}: {
  readonly every: DigestRule["every"];
  readonly at: string;
  readonly urgent: "at-once" | "wait";
}): DigestRule {
  const [hour = 0, minute = 0] = at.split(":").map(Number);
  const cron = every === "hourly" ? "0 * * * *" : `${minute} ${hour} * * *`;
  return { every, cron, everything: urgent === "wait" };
}
