import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, test } from "vitest";
import * as z from "zod";
import { noticeJsonSchema } from "../../../src/adapters/push/cloud-event.ts";
import { webhookNotifier } from "../../../src/adapters/push/webhook.ts";
import { recoveredNotice } from "../../../src/core/report/follow-up.ts";
import { noticesFor } from "../../../src/core/report/notices.ts";
import { operationalNotice } from "../../../src/core/report/operational.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import { noticeInput } from "../../support/notices.ts";

const SECRET = `whsec_${Buffer.from("a secret of 24 bytes or so").toString("base64")}`;
const never = new AbortController().signal;
const received: { headers: IncomingHttpHeaders; body: string }[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    received.push({ headers: request.headers, body });
    response.writeHead(202).end();
  });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function sent(notice: Notice) {
  received.length = 0;
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  const notifier = webhookNotifier({
    url: async () => url,
    signingSecret: async () => SECRET,
    timeoutMs: 5_000,
    cluster: "prod eu/1",
    nowMs: () => Date.now(),
  });
  expect(await notifier.send(notice, never)).toBe("sent");
  const [{ headers, body } = { headers: {}, body: "" }] = received;
  return { headers, body, event: JSON.parse(body) as Record<string, unknown> };
}

const file = JSON.parse(readFileSync(new URL("../../../rules/notice.schema.json", import.meta.url), "utf8"));
const degraded = noticesFor(noticeInput())[0] as Notice;

test("the schema in the repository is the one that is sent by", () => {
  expect(file).toEqual(JSON.parse(JSON.stringify(noticeJsonSchema())));
});

test("a message is a CloudEvent whose data keep to the schema, signed so that others can check it", async () => {
  const { headers, body, event } = await sent(degraded);
  expect(headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
  expect(event).toMatchObject({
    specversion: "1.0",
    id: degraded.key,
    source: "/aftershock/prod%20eu%2F1",
    type: "dev.aftershock.degraded.v1",
    subject: degraded.experimentId,
    dataschema: file.$id,
    data: { outcome: "not recovered", command: degraded.command, cluster: "prod eu/1" },
  });
  expect(JSON.stringify(event)).not.toMatch(/[\uE000\uE001]/);
  const signature = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  expect(() => new Webhook(SECRET).verify(body, signature)).not.toThrow();
  expect(() => new Webhook(SECRET).verify(body.replace("degraded", "recovered"), signature)).toThrow();
});

test.each([
  ["recovered", recoveredNotice(noticeInput())],
  ["operational", operationalNotice({ key: "x", severity: "bad", title: "Storage is away", summary: "No answer." })],
])("a message of kind %s keeps to the schema, too", async (_, notice) => {
  const { event } = await sent(notice);
  const { success, error } = z.fromJSONSchema(file).safeParse(event.data);
  expect(error?.issues ?? []).toEqual([]);
  expect(success).toBe(true);
});
