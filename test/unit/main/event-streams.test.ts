import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { changedAt } from "../../../src/main/web/changed.ts";
import { type EventStreams, eventStreams } from "../../../src/main/web/event-streams.ts";
import { STATUS } from "../../support/web.ts";

/** Streams over a real server, with a clock and a time of change that are set by hand. */
async function streamsOf(changedAtMs = 1_000) {
  const now = { ms: 0, changedAtMs, fails: false };
  const streams = eventStreams({
    changedAtMs: async () => {
      if (now.fails) throw new Error("storage is away");
      return now.changedAtMs;
    },
    monotonicMs: () => now.ms,
  });
  const server = createServer((incoming, outgoing) => streams.serve(incoming, outgoing));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  /** Lets the time of a look pass. */
  const pass = async (ms: number): Promise<void> => {
    now.ms += ms;
    await vi.advanceTimersByTimeAsync(5_000);
  };
  const listen = async (path = "/events", headers: Record<string, string> = {}, method = "GET") => {
    const asked = request({ host: "127.0.0.1", port, path, headers, method, agent: false });
    asked.on("error", () => undefined);
    asked.end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const told = { text: "" };
    answer.setEncoding("utf8").on("data", (part: string) => (told.text += part));
    answer.on("error", () => undefined);
    return { asked, answer, told };
  };
  return {
    now,
    streams,
    pass,
    listen,
    async [Symbol.asyncDispose]() {
      streams.end();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 5_000 });
const isGone = (streams: EventStreams) => until(() => streams.size() === 0);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("who listens", () => {
  test("is told at once of what changed after the page was made, and later of each change once", async () => {
    await using at = await streamsOf();
    const old = await at.listen("/events?since=999");
    await until(() => old.told.text.includes("id: 1000\nevent: change\n"));
    const fresh = await at.listen("/events?since=1000");
    await at.pass(5_000);
    expect(fresh.told.text).toBe("retry: 3000\n\n");
    at.now.changedAtMs = 2_000;
    await at.pass(5_000);
    await at.pass(5_000);
    await until(() => fresh.told.text.includes("2000"));
    expect(fresh.told.text.split("event: change")).toHaveLength(2);
  });

  test("and comes back is asked by the last that it heard, whatever its page was", async () => {
    await using at = await streamsOf();
    const back = await at.listen("/events?since=1", { "last-event-id": "1000" });
    const odd = await at.listen("/events?since=soon");
    await until(() => odd.told.text.includes("change"));
    expect(back.told.text).toBe("retry: 3000\n\n");
  });

  test("hears a heartbeat while nothing changes, also while storage is away", async () => {
    await using at = await streamsOf();
    const one = await at.listen("/events?since=1000");
    at.now.fails = true;
    await at.pass(14_000);
    await at.pass(2_000);
    await until(() => one.told.text === "retry: 3000\n\n:\n\n");
  });

  test("is sent away after five minutes, cleanly, so that a login is checked again", async () => {
    await using at = await streamsOf();
    const one = await at.listen();
    const ends = once(one.answer, "end");
    await at.pass(5 * 60_000);
    await ends;
    expect([one.answer.complete, at.streams.size()]).toEqual([true, 0]);
  });

  test("and goes leaves nothing behind: nobody looks while nobody listens", async () => {
    await using at = await streamsOf();
    const one = await at.listen();
    expect(vi.getTimerCount()).toBe(1);
    one.asked.destroy();
    await isGone(at.streams);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("and takes nothing is let go before much waits for it", async () => {
    await using at = await streamsOf();
    // what the system itself holds back for a reader is megabytes: told here in one step
    const stuck = Object.assign(new PassThrough(), { writeHead: () => stuck });
    at.streams.serve({ method: "GET", url: "/events", headers: {} } as IncomingMessage, stuck as never);
    expect(at.streams.size()).toBe(1);
    stuck.write(Buffer.alloc(80_000));
    at.now.changedAtMs++;
    await at.pass(5_000);
    expect([at.streams.size(), stuck.destroyed, vi.getTimerCount()]).toEqual([0, true, 0]);
  });

  test("is told the end when the program ends, and nobody is let in after it", async () => {
    await using at = await streamsOf();
    const one = await at.listen();
    const ends = once(one.answer, "end");
    at.streams.end();
    await ends;
    expect([one.answer.complete, vi.getTimerCount()]).toEqual([true, 0]);
    expect((await at.listen()).answer.statusCode).toBe(503);
  });
});

describe("who is not let in", () => {
  test("the 257th at a time", async () => {
    await using at = await streamsOf();
    for (let i = 0; i < 256; i++) await at.listen();
    const { answer } = await at.listen();
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "30"]);
    expect(at.streams.size()).toBe(256);
  });

  test.each([
    { name: "a page of somebody else", headers: { "sec-fetch-site": "cross-site" }, method: "GET", status: 403 },
    { name: "another page of the same domain", headers: { "sec-fetch-site": "same-site" }, method: "GET", status: 403 },
    { name: "a page of ours", headers: { "sec-fetch-site": "same-origin" }, method: "HEAD", status: 200 },
    { name: "who wants to write", headers: {}, method: "POST", status: 405 },
  ])("$name: $status", async ({ headers, method, status }) => {
    await using at = await streamsOf();
    const { answer } = await at.listen("/events", headers as Record<string, string>, method);
    expect(answer.statusCode).toBe(status);
    await isGone(at.streams);
  });
});

test("a change is another list of experiments or another status, and not its time", async () => {
  let lines: readonly never[] = [];
  let status = STATUS;
  let ms = 5_000;
  const asked = changedAt(
    { lines: async () => lines, status: async () => status },
    () => ms,
    () => ms,
  );
  expect(await asked()).toBe(5_000);
  ms = 10_000;
  status = { ...STATUS, nowMs: STATUS.nowMs + 5_000 };
  expect(await asked()).toBe(5_000);
  ms = 15_000;
  lines = [];
  expect(await asked()).toBe(15_000);
  ms = 20_000;
  status = { ...STATUS, blind: "no sample for 5 min" };
  expect(await asked()).toBe(20_000);
});
