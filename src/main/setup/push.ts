// loaded where one of them is configured
export { alertmanagerNotifier } from "../../adapters/push/alertmanager.ts";
export { webhookNotifier } from "../../adapters/push/webhook.ts";
