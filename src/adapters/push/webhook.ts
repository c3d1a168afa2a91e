import { createHmac } from "node:crypto";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Notifier } from "../../ports/notifier.ts";
import { cloudEvent } from "./cloud-event.ts";
import { type PushOptions, pushOver } from "./post.ts";

export interface WebhookOptions extends Omit<PushOptions, "name" | "key"> {
  /** May be a secret, as may be what it is signed with; both as their files have them now. */
  readonly url: () => Promise<string>;
  readonly signingSecret: () => Promise<string>;
  readonly cluster: string;
  readonly nowMs: () => number;
}

/**
 * Posts each message as a CloudEvent, signed as Standard Webhooks says. A receiver knows a message
 * that comes again by its id.
 */
export function webhookNotifier(options: WebhookOptions): Notifier {
  const push = pushOver({ ...options, name: "the webhook", key: "webhook.url" });
  return {
    async send(notice, signal) {
      const nowMs = options.nowMs();
      const event = cloudEvent(notice, options.cluster, nowMs);
      const body = JSON.stringify(event);
      const headers = {
        "content-type": "application/cloudevents+json; charset=utf-8",
        ...signed(await options.signingSecret(), event.id, nowMs, body),
      };
      await push({ method: "POST", url: await options.url(), headers, body }, signal);
      return "sent";
    },
  };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function signed(secret: string, id: string, nowMs: number, body: string): Record<string, string> {
  const at = Math.floor(nowMs / SECOND_MS);
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret, "utf8");
  const signature = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `v1,${signature}` };
}
