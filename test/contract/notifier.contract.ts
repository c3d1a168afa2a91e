import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { AftershockError } from "../../src/core/model/error.ts";
import { noticesFor } from "../../src/core/report/notices.ts";
import type { Notice } from "../../src/core/text/notice.ts";
import type { Notifier } from "../../src/ports/notifier.ts";
import { noticeInput } from "../support/notices.ts";
import { freePort } from "../support/servers/process.ts";

/** One way out, as the contract starts it. */
export interface NotifierSubject {
  readonly name: string;
  /** Sends to this address and waits so long for an answer. */
  open(url: string, timeoutMs: number): Notifier;
  /** How its receiver says that it took a message. */
  readonly taken: Answer;
  /** What silence means: a receiver that knows a message by its id is asked again. */
  readonly silence: "maybe" | "retried";
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export const SECRET_PATH = "/services/T0SECRET/xyzzysecret";
export const storyNotice = noticesFor(noticeInput())[0] as Notice;
const never = new AbortController().signal;
/** Characters that mean something somewhere, marks that turn text round, and too much of it. */
const HOSTILE = `<!channel> "a" & 'b' \u202E*x* {{ .Labels }} \uD83D ${"x".repeat(10_000)}`;

let server: Server | undefined;
let bodies: string[] = [];

async function receiver(answer: Answer): Promise<string> {
  bodies = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      if (body !== "") bodies.push(body);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${SECRET_PATH}`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

const say =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end("no");

/** What every way out of messages promises. */
export function notifierContract({ name, open, taken, silence }: NotifierSubject): void {
  const failureOf = async (url: string, timeoutMs = 5_000): Promise<unknown> => {
    try {
      return await open(url, timeoutMs).send(storyNotice, never);
    } catch (cause) {
      return cause;
    }
  };

  describe(`${name} as a way out of messages`, () => {
    test("a message that is taken is sent, in one call", async () => {
      const notifier = open(await receiver(taken), 5_000);
      expect(await notifier.send(storyNotice, never)).toBe("sent");
      expect(bodies).toHaveLength(1);
      expect(bodies[0]).toContain("go-app");
    });

    test.each([
      { status: 500, retryable: true },
      { status: 503, retryable: true },
      { status: 404, retryable: false },
      { status: 410, retryable: false },
      { status: 400, retryable: false },
    ])("$status is told as what it is, retryable: $retryable", async ({ status, retryable }) => {
      const failure = await failureOf(await receiver(say(status)));
      expect(failure).toMatchObject({ code: "notify-failed", retryable });
      expect(String(failure)).toContain(String(status));
    });

    test("429 says how long to wait", async () => {
      const failure = await failureOf(await receiver(say(429, { "retry-after": "7" })));
      expect(failure).toMatchObject({ code: "notify-failed", retryable: true, retryAfterMs: 7_000 });
    });

    test("a redirect is not followed", async () => {
      const asked: string[] = [];
      const url = await receiver((request, response) => {
        asked.push(request.url ?? "");
        response.writeHead(302, { location: "/elsewhere" }).end();
      });
      expect(await failureOf(url)).toMatchObject({ code: "notify-failed", retryable: false });
      expect(asked.join()).not.toContain("elsewhere");
    });

    test(`a receiver that does not answer in time: ${silence}`, async () => {
      const end = await failureOf(await receiver(() => undefined), 50);
      if (silence === "maybe") expect(end).toBe("maybe");
      else expect(end).toMatchObject({ code: "notify-failed", retryable: true });
    });

    test("a receiver that is away is tried again later", async () => {
      const failure = await failureOf(`http://127.0.0.1:${await freePort()}${SECRET_PATH}`);
      expect(failure).toMatchObject({ code: "notify-failed", retryable: true });
    });

    test("no failure shows the address", async () => {
      const url = await receiver(say(500));
      const failures = [await failureOf(url), await failureOf("nonsense xyzzysecret")];
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(AftershockError);
        expect(inspect(failure, { depth: null })).not.toContain("xyzzysecret");
      }
    });

    test("whoever gives up waiting is let go at once", async () => {
      const stop = new AbortController();
      const sending = open(await receiver(() => stop.abort(new Error("shutting down"))), 60_000).send(
        storyNotice,
        stop.signal,
      );
      expect(await sending.catch((cause: unknown) => cause)).not.toBe("sent");
    });

    test("names that are code, marks or 10 kB long are sent as text", async () => {
      const notice: Notice = {
        ...storyNotice,
        title: HOSTILE,
        cause: HOSTILE,
        impact: [{ service: `shop/${HOSTILE}`, line: HOSTILE }],
        audience: { owner: HOSTILE, route: null, workloads: [] },
      };
      expect(await open(await receiver(taken), 5_000).send(notice, never)).toBe("sent");
      const plain = JSON.stringify(JSON.parse(bodies[0] ?? ""));
      expect(plain.includes("\u202E")).toBe(false);
      expect(plain.isWellFormed()).toBe(true);
    });
  });
}
