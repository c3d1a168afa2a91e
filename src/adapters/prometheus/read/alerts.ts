import type { AlertSource } from "../../../ports/alerts.ts";
import type { PrometheusOptions } from "../client/options.ts";
import { openSession } from "../client/session.ts";
import { openTransport } from "../client/transport.ts";

/**
 * Alerts that the metrics source evaluates itself, from its series `ALERTS`:
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 */
export function prometheusAlerts(options: PrometheusOptions): AlertSource {
  const transport = openTransport(options);
  return {
    async firing(selector, signal) {
      const matchers = ['alertstate="firing"', selector.trim()].filter((one) => one !== "").join(",");
      const session = openSession(transport, options.log, signal, options.matchers);
      const rows = await session.rows(`ALERTS{${matchers}}`, options.clock.nowMs());
      return rows.map(({ labels }) => ({ name: labels.alertname ?? "unnamed", labels }));
    },
  };
}
