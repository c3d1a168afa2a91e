import { expect, test } from "vitest";
import { sendToAll } from "../../../src/app/notify/send-to-all.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import { noticesFor } from "../../../src/core/report/notices.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import type { Delivery, Notifier } from "../../../src/ports/notifier.ts";
import { noticeInput } from "../../support/notices.ts";

const never = new AbortController().signal;
const notice = noticesFor(noticeInput())[0] as Notice;
const away = new AftershockError("notify-failed", "the webhook answered 500", { retryable: true, retryAfterMs: 7_000 });
const refuses = new AftershockError("notify-failed", "the webhook answered 404");

/** Two ways, and how often each was asked. */
function ways(slack: (Delivery | Error)[], webhook: (Delivery | Error)[]) {
  const asked = { slack: 0, webhook: 0 };
  const errors: unknown[] = [];
  const way = (name: "slack" | "webhook", ends: (Delivery | Error)[]): Notifier => ({
    async send() {
      asked[name] += 1;
      const end = ends.shift() ?? "sent";
      if (end instanceof Error) throw end;
      return end;
    },
  });
  const log = { debug() {}, info() {}, warn() {}, error: (...all: unknown[]) => void errors.push(all) };
  const both = sendToAll(
    [
      { name: "slack", notifier: way("slack", slack) },
      { name: "webhook", notifier: way("webhook", webhook) },
    ],
    log,
  );
  return { both, asked, errors, send: () => both.send(notice, never).catch((cause: unknown) => cause) };
}

test("a way that took a message does not get it again when another is tried once more", async () => {
  const { asked, send } = ways([], [away, away]);
  expect(await send()).toMatchObject({ code: "notify-failed", retryable: true, partly: true, retryAfterMs: 7_000 });
  await send();
  expect(await send()).toBe("sent");
  expect(asked).toEqual({ slack: 1, webhook: 3 });
});

test("a way that never takes it holds nobody up, and is logged", async () => {
  const { errors, send } = ways([], [refuses]);
  expect(await send()).toBe("sent");
  expect(JSON.stringify(errors)).toContain("the webhook answered 404");
});

test("a message that nobody takes is not delivered", async () => {
  expect(await ways([refuses], [refuses]).send()).toMatchObject({ code: "notify-failed", retryable: false });
  expect(await ways([away], [away]).send()).toMatchObject({ retryable: true, partly: false });
});

test("perhaps is said only where nobody is sure", async () => {
  expect(await ways(["maybe"], ["sent"]).send()).toBe("sent");
  expect(await ways(["maybe"], [refuses]).send()).toBe("maybe");
});
