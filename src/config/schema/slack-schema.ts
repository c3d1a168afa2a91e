import * as z from "zod";
import { badKey, dnsLabel, namePattern, oneOf, secretRef, section, selector, timeOfDay } from "./fields.ts";

const DIGEST = section({
  every: oneOf(["hourly", "daily"]),
  at: timeOfDay.prefault("09:00").describe("Of a daily one, in the zone of messages."),
  urgent: oneOf(["at-once", "wait"])
    .default("at-once")
    .describe("Early alerts, what did not recover, and what follows from that: at once all the same, or not."),
}).describe("Messages are sent together instead of one by one.");

/** Where messages go. Names of channels are ours: they stand for a webhook. */
export const SLACK = section({
  webhookUrl: secretRef.describe("Gets what no route and no annotation sends elsewhere."),
  channels: z
    .record(dnsLabel, secretRef, { error: badKey("a name") })
    .default({})
    .describe("Webhooks by name."),
  routes: z
    .array(
      section({
        channel: dnsLabel.describe("A name of channels."),
        namespaces: z.array(namePattern).default([]).describe("Of workloads that got worse; none: any."),
        labels: selector.optional().describe("Of the same workload."),
        outcomes: z.array(oneOf(["unaffected", "recovered", "not recovered", "unknown"])).default([]),
      }),
    )
    .default([])
    .describe("A message goes to every route that fits."),
  digest: DIGEST.optional().describe("Of webhookUrl."),
  digests: z
    .record(dnsLabel, DIGEST, { error: badKey("a name of channels") })
    .default({})
    .describe("Of channels, by name."),
}).superRefine(({ channels, routes, digests }, context) => {
  const named = [
    ...routes.map(({ channel }, i) => ({ channel, path: ["routes", i, "channel"] })),
    ...Object.keys(digests).map((channel) => ({ channel, path: ["digests", channel] })),
  ];
  for (const { channel, path } of named)
    if (!(channel in channels))
      context.addIssue({
        code: "custom",
        path,
        message: `"${channel}" is not a channel; known: ${Object.keys(channels).join(", ") || "none"}`,
      });
});
