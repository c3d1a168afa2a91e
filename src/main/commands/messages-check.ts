import type { Check } from "../../app/doctor/check.ts";
import type { Config } from "../../config/load/config.ts";

/** Where messages go, and whether they have a link. Nothing is posted. */
export function messagesCheck({ slack, alertmanager, webhook, web }: Config): Check {
  const ways = [
    ...(slack === null ? [] : ["Slack"]),
    ...(alertmanager === null ? [] : ["Alertmanager"]),
    ...(webhook === null ? [] : ["the webhook"]),
  ];
  const where =
    ways.length === 0
      ? "no way out is configured: messages go to the log"
      : `they go to ${ways.join(", ")}; doctor sends none`;
  const link = web.url === null ? "; they have no link: set web.url to where people reach the dashboard" : "";
  return { what: "messages", ok: true, says: `${where}${link}` };
}
