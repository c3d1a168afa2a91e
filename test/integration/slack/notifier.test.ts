import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { slackNotifier } from "../../../src/adapters/slack/notifier.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import { noticesFor } from "../../../src/core/report/notices.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import { noticeInput } from "../../support/notices.ts";

const notice = noticesFor(noticeInput())[0] as Notice;
const never = new AbortController().signal;
const PATH = "/services/T0SECRET/B0SECRET/xyzzysecret";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server | undefined;
let bodies: string[] = [];

/** A webhook on loopback that answers as told; the address of Slack's own shape. */
async function webhook(answer: Answer): Promise<string> {
  bodies = [];
  const started = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      bodies.push(body);
      answer(request, response);
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}${PATH}`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

const say =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };
const failureOf = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => "sent",
    (cause: unknown) => cause,
  );

describe("the Slack notifier", () => {
  test("posts one message with blocks and a fallback", async () => {
    const webhookUrl = await webhook(say(200, "ok"));
    expect(await slackNotifier({ webhookUrl, timeoutMs: 5_000 }).send(notice, never)).toBe("sent");
    expect(bodies).toHaveLength(1);
    expect(JSON.parse(bodies[0] ?? "")).toMatchObject({
      text: expect.stringContaining("go-app fails 50 % of requests"),
      blocks: expect.any(Array),
    });
  });

  test.each<{ name: string; answer: Answer; expected: object; says: string }>([
    {
      name: "a webhook that is gone",
      answer: say(404, "no_service"),
      expected: { retryable: false, hint: expect.stringContaining("make a new one") },
      says: "Slack answered 404: no_service",
    },
    {
      name: "a message that Slack refuses",
      answer: say(400, "invalid_blocks"),
      expected: { retryable: false },
      says: "Slack answered 400: invalid_blocks",
    },
    {
      name: "too many messages",
      answer: say(429, "rate_limited", { "retry-after": "7" }),
      expected: { retryable: true, retryAfterMs: 7_000 },
      says: "Slack answered 429: rate_limited",
    },
    {
      name: "too many messages, without saying how long",
      answer: say(429, "slow down"),
      expected: { retryable: true, retryAfterMs: 30_000 },
      says: "Slack answered 429",
    },
    {
      name: "a server error",
      answer: say(500, `oops at ${PATH}`),
      expected: { retryable: true },
      says: "Slack answered 500",
    },
    {
      name: "a redirect",
      answer: say(302, "", { location: "http://127.0.0.1:1/" }),
      expected: { retryable: false },
      says: "redirect",
    },
  ])("$name is an error that says so, after one call and without the secret", async ({ answer, expected, says }) => {
    const webhookUrl = await webhook(answer);
    const cause = await failureOf(slackNotifier({ webhookUrl, timeoutMs: 5_000 }).send(notice, never));
    expect(cause).toBeInstanceOf(AftershockError);
    expect(cause).toMatchObject({ code: "notify-failed", ...expected });
    expect((cause as Error).message).toContain(says);
    expect(inspect(cause, { depth: null })).not.toMatch(/secret/i);
    expect(bodies).toHaveLength(1);
  });

  test.each<{ name: string; body: string; headers?: Record<string, string>; expected?: object; says?: string }>([
    { name: "an error word", body: "invalid_payload", says: ": invalid_payload" },
    { name: "ok that is false", body: '{"ok":false,"error":"channel_not_found"}', says: ": channel_not_found" },
    { name: "ok that is false, for now", body: '{"ok":false,"error":"rate_limited"}', expected: { retryable: true } },
    { name: "JSON without a word on it", body: '{"message":"done"}' },
    {
      name: "a page that asks for a login",
      body: `<!DOCTYPE html><html><title>Sign in</title>${PATH} ${"x".repeat(100_000)}</html>`,
      headers: { "content-type": "text/html" },
      expected: { retryable: false, hint: expect.stringContaining("login") },
    },
    { name: "nothing", body: "" },
  ])("200 with $name is a failure, and without the secret", async ({ body, headers, expected, says }) => {
    const webhookUrl = await webhook(say(200, body, headers));
    const cause = await failureOf(slackNotifier({ webhookUrl, timeoutMs: 5_000 }).send(notice, never));
    expect(cause).toMatchObject({ code: "notify-failed", ...expected });
    expect((cause as Error).message).toBe(
      `Slack answered 200, but not that it took the message${says ?? (cause as Error).message.slice(52)}`,
    );
    expect(inspect(cause, { depth: null })).not.toMatch(/secret/i);
    expect(bodies).toHaveLength(1);
  });

  test.each(["ok", "ok\n", '{"ok":true}'])("200 with %j is a message that was taken", async (body) => {
    const webhookUrl = await webhook(say(200, body));
    expect(await slackNotifier({ webhookUrl, timeoutMs: 5_000 }).send(notice, never)).toBe("sent");
  });

  test.each<{ name: string; answer: Answer }>([
    { name: "no answer in time", answer: () => undefined },
    { name: "a connection that is closed without an answer", answer: (request) => request.socket.destroy() },
  ])("$name may have arrived, and is not sent again", async ({ answer }) => {
    const webhookUrl = await webhook(answer);
    expect(await slackNotifier({ webhookUrl, timeoutMs: 300 }).send(notice, never)).toBe("maybe");
    expect(bodies).toHaveLength(1);
  });

  test("a server that nobody listens on was surely not reached", async () => {
    const webhookUrl = await webhook(say(200, "ok"));
    await new Promise((resolve) => server?.close(resolve));
    const cause = await failureOf(slackNotifier({ webhookUrl, timeoutMs: 5_000 }).send(notice, never));
    expect(cause).toMatchObject({
      code: "notify-failed",
      retryable: true,
      message: "Slack could not be reached: ECONNREFUSED",
    });
    expect(inspect(cause, { depth: null })).not.toMatch(/secret/i);
  });

  test("stopped on the way, the message may have arrived", async () => {
    const stop = new AbortController();
    const webhookUrl = await webhook(() => stop.abort());
    expect(await slackNotifier({ webhookUrl, timeoutMs: 5_000 }).send(notice, stop.signal)).toBe("maybe");
  });

  test("stopped before, nothing is sent", async () => {
    const webhookUrl = await webhook(say(200, "ok"));
    const sending = slackNotifier({ webhookUrl, timeoutMs: 5_000 }).send(
      notice,
      AbortSignal.abort(new Error("stopping")),
    );
    expect(await failureOf(sending)).toMatchObject({ message: "stopping" });
    expect(bodies).toEqual([]);
  });

  test("messages are spaced, one at a time, and a failure does not hold up the next", async () => {
    let nowMs = 0;
    const waits: number[] = [];
    let status = 500;
    const webhookUrl = await webhook((_, response) => {
      response.writeHead(status).end("ok");
      status = 200;
    });
    const notifier = slackNotifier({
      webhookUrl,
      timeoutMs: 5_000,
      monotonicMs: () => nowMs,
      wait: async (ms) => {
        waits.push(ms);
        nowMs += ms;
      },
    });
    const all = await Promise.all([1, 2, 3].map(() => failureOf(notifier.send(notice, never))));
    expect(all).toEqual([expect.any(AftershockError), "sent", "sent"]);
    expect(waits).toEqual([1_100, 1_100]);
    nowMs += 5_000;
    await notifier.send(notice, never);
    expect(waits).toHaveLength(2);
  });

  test("an address that is none is refused at once, without repeating it", () => {
    const make = () => slackNotifier({ webhookUrl: "hooks.slack.com/services/secret", timeoutMs: 1 });
    expect(make).toThrow("expected an address that starts with https://");
    expect(make).not.toThrow("services/secret");
  });
});
