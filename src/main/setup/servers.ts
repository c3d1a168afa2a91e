import { proxyFromEnvironment } from "../../adapters/kubernetes/client/env-proxy.ts";
import type { Access, PrometheusOptions } from "../../adapters/prometheus/client/options.ts";
import { withOwnFailures } from "../../adapters/prometheus/signals/own-failures.ts";
import { loadSignals } from "../../adapters/prometheus/signals/signals.ts";
import { consoleNotifier } from "../../adapters/slack/console.ts";
import type { Config } from "../../config/load/config.ts";
import { SECOND_MS } from "../../core/model/units.ts";
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
    signals: withOwnFailures(loadSignals(await signalsText(config.signals, io.cwd)), config.failures),
    clock,
    log,
  };
}

/** Slack by its webhook, or the terminal where none is configured. */
export async function notifierOf({ slack }: Config, io: Io): Promise<Notifier> {
  if (slack === null) return consoleNotifier((text) => io.err(text));
  const webhookUrl = slack.webhookUrl.reveal();
  const { slackNotifier } = await import("../../adapters/slack/notifier.ts");
  return slackNotifier({
    webhookUrl,
    reread: () => slack.webhookUrl.current(),
    proxy: proxyFromEnvironment(webhookUrl, io.env),
    timeoutMs: SLACK_TIMEOUT_MS,
  });
}
