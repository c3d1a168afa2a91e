import { proxyFromEnvironment } from "../../adapters/kubernetes/client/env-proxy.ts";
import type { Access, PrometheusOptions } from "../../adapters/prometheus/client/options.ts";
import { withOwnFailures } from "../../adapters/prometheus/signals/own-failures.ts";
import { loadSignals } from "../../adapters/prometheus/signals/signals.ts";
import { consoleNotifier } from "../../adapters/slack/console.ts";
import { routed } from "../../app/notify/routed.ts";
import { sendToAll, type Way } from "../../app/notify/send-to-all.ts";
import type { Config } from "../../config/load/config.ts";
import type { Secret } from "../../config/values/secret.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Annotator } from "../../ports/annotator.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Notifier } from "../../ports/notifier.ts";
import type { Io } from "../io.ts";
import { signalsText } from "./rules-folder.ts";

/** Slack may take this long to answer, real ms. */
const SLACK_TIMEOUT_MS = 10 * SECOND_MS;

/**
 * How the configured Prometheus is reached: through the environment's proxy, with what files hold
 * at the moment of each request.
 */
export async function prometheusOptions(config: Config, io: Io, clock: Clock, log: Log): Promise<PrometheusOptions> {
  const { url, headers, bearerToken, tenant, ca, timeoutMs, matchers } = config.prometheus;
  const named = Object.entries(headers);
  return {
    url,
    timeoutMs,
    headers: Object.fromEntries(named.map(([name, value]) => [name, value.reveal()])),
    ...(bearerToken === null ? {} : { bearerToken: bearerToken.reveal() }),
    ...(tenant === null ? {} : { tenant }),
    matchers,
    ...(ca === null ? {} : { ca: ca.reveal() }),
    async reread(): Promise<Access> {
      const now = await Promise.all(named.map(async ([name, value]) => [name, await value.current()] as const));
      return {
        headers: Object.fromEntries(now),
        ...(bearerToken === null ? {} : { bearerToken: await bearerToken.current() }),
        ...(ca === null ? {} : { ca: await ca.current() }),
      };
    },
    proxy: proxyFromEnvironment(url, io.env),
    signals: withOwnFailures(loadSignals(await signalsText(config.signals)), config.failures),
    clock,
    log,
  };
}

/** Every way out that is configured, or the terminal where none is. */
export async function notifierOf(config: Config, io: Io, clock: Clock, log: Log): Promise<Notifier> {
  const ways: Way[] = [];
  if (config.slack !== null) ways.push({ name: "Slack", notifier: await slackOf(config.slack, io, log) });
  if (config.alertmanager !== null || config.webhook !== null) ways.push(...(await pushWays(config, io, clock)));
  const [first] = ways;
  if (first === undefined) return consoleNotifier((text) => io.err(text));
  return ways.length === 1 ? first.notifier : sendToAll(ways, log);
}

/** One webhook, or several with what each of them gets. */
async function slackOf(
  { webhookUrl, channels, routes, digest, digests }: NonNullable<Config["slack"]>,
  io: Io,
  log: Log,
): Promise<Notifier> {
  const { slackNotifier } = await import("../../adapters/slack/notifier.ts");
  const open = (webhook: Secret): Notifier =>
    slackNotifier({
      webhookUrl: webhook.reveal(),
      reread: () => webhook.current(),
      proxy: proxyFromEnvironment(webhook.reveal(), io.env),
      timeoutMs: SLACK_TIMEOUT_MS,
    });
  const rest = open(webhookUrl);
  const named = new Map(Object.entries(channels).map(([name, webhook]) => [name, open(webhook)] as const));
  return named.size === 0 && digest === null
    ? rest
    : routed({ named, routes, digests: new Map(Object.entries(digests)), rest, restDigest: digest }, log);
}

/** Where experiments are annotated, or null. */
export async function annotatorOf({ cluster, grafana }: Config, io: Io): Promise<Annotator | null> {
  if (grafana === null) return null;
  const { grafanaAnnotator } = await import("./push.ts");
  const { url, token, timeoutMs } = grafana;
  return grafanaAnnotator({
    url,
    token: () => token.current(),
    timeoutMs,
    proxy: proxyFromEnvironment(url, io.env),
    cluster,
  });
}

async function pushWays({ cluster, alertmanager, webhook }: Config, io: Io, clock: Clock): Promise<Way[]> {
  const { alertmanagerNotifier, webhookNotifier } = await import("./push.ts");
  const nowMs = (): number => clock.nowMs();
  const ways: Way[] = [];
  if (alertmanager !== null) {
    const { urls, headers, timeoutMs } = alertmanager;
    const named = Object.entries(headers);
    const notifier = alertmanagerNotifier({
      urls,
      headers: async () =>
        Object.fromEntries(
          await Promise.all(named.map(async ([name, value]) => [name, await value.current()] as const)),
        ),
      timeoutMs,
      proxy: proxyFromEnvironment(urls[0] ?? "", io.env),
      cluster,
      nowMs,
    });
    ways.push({ name: "Alertmanager", notifier });
  }
  if (webhook !== null) {
    const { url, secret, timeoutMs } = webhook;
    const notifier = webhookNotifier({
      url: () => url.current(),
      signingSecret: () => secret.current(),
      timeoutMs,
      proxy: proxyFromEnvironment(url.reveal(), io.env),
      cluster,
      nowMs,
    });
    ways.push({ name: "webhook", notifier });
  }
  return ways;
}
