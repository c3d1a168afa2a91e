// loaded where one of them is configured
export { alertmanagerNotifier } from "../../adapters/push/alertmanager.ts";
export { grafanaAnnotator } from "../../adapters/push/grafana.ts";
export { webhookNotifier } from "../../adapters/push/webhook.ts";
