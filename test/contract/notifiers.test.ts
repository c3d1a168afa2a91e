import { alertmanagerNotifier } from "../../src/adapters/push/alertmanager.ts";
import { webhookNotifier } from "../../src/adapters/push/webhook.ts";
import { slackNotifier } from "../../src/adapters/slack/notifier.ts";
import { T0 } from "../support/experiments.ts";
import { notifierContract } from "./notifier.contract.ts";

const nowMs = (): number => T0;

notifierContract({
  name: "Slack",
  open: (webhookUrl, timeoutMs) => slackNotifier({ webhookUrl, timeoutMs, spacingMs: 0 }),
  taken: (_, response) => void response.end("ok"),
  silence: "maybe",
});

notifierContract({
  name: "Alertmanager",
  open: (url, timeoutMs) =>
    alertmanagerNotifier({ urls: [url], headers: async () => ({}), timeoutMs, cluster: "prod-eu", nowMs }),
  taken: ({ method }, response) => void response.end(method === "GET" ? "[]" : ""),
  silence: "retried",
});

notifierContract({
  name: "the webhook",
  open: (url, timeoutMs) =>
    webhookNotifier({
      url: async () => url,
      signingSecret: async () => "whsec_c2VjcmV0",
      timeoutMs,
      cluster: "prod-eu",
      nowMs,
    }),
  taken: (_, response) => void response.writeHead(204).end(),
  silence: "retried",
});
