import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { api, busyLeaf, type Probe, repeater } from "../../../src/main/sample/api.ts";
import { connectDatabase, type DbMode } from "../../../src/main/sample/connection.ts";
import { type Part, startDatabase } from "../../../src/main/sample/database.ts";
import { nodePressure } from "../../../src/main/sample/node-pressure.ts";
import { serveHttp } from "../../../src/main/sample/serve.ts";
import { readPaths, sendTraffic } from "../../../src/main/sample/traffic.ts";

const HOST = "127.0.0.1";
const stop = new AbortController();
const closing: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const part of closing.splice(0).toReversed()) {
    if (Symbol.asyncDispose in part) await part[Symbol.asyncDispose]();
    else part[Symbol.dispose]();
  }
});

/**
 * The three parts, as the tutorial deploys them; `lost` counts how often go-app would have ended.
 */
async function started(mode: DbMode, probe: Probe) {
  let lost = 0;
  const db = await startDatabase(0, HOST);
  const connection = await connectDatabase({ host: HOST, port: db.port }, mode, () => lost++, stop.signal);
  const app = await serveHttp(0, api(connection, probe), HOST);
  const front = await serveHttp(0, repeater(`http://${HOST}:${app.port}`), HOST);
  closing.push(db, connection, app, front);
  return { db, app, front, lost: () => lost };
}

const get = async ({ port }: Part, path: string): Promise<number> =>
  (await fetch(`http://${HOST}:${port}${path}`)).status;

/** The database's pod is deleted and replaced: another process on the same address. */
async function replaceDatabase(db: Part): Promise<void> {
  await db[Symbol.asyncDispose]();
  closing.push(await startDatabase(db.port, HOST));
  await sleep(700); // longer than one try to connect
}

describe("the tutorial's application", () => {
  test("answers every path through repeater while the database is there", async () => {
    const { front } = await started("stale", "shallow");
    expect(await Promise.all(["/items", "/orders", "/about"].map((path) => get(front, path)))).toEqual([200, 200, 200]);
  });

  test("fails its database paths for ever after the database was replaced, and calls itself ready", async () => {
    const { db, app, front, lost } = await started("stale", "shallow");
    await replaceDatabase(db);
    expect(await Promise.all(["/items", "/about"].map((path) => get(front, path)))).toEqual([500, 200]);
    expect([await get(app, "/healthz"), lost()]).toEqual([200, 0]);
  });

  test.each([
    { cure: "reconnect", mode: "reconnect", probe: "shallow", items: 200, healthz: 200, ended: 0 },
    { cure: "exit", mode: "exit", probe: "shallow", items: 500, healthz: 200, ended: 1 },
    { cure: "probe through the database", mode: "stale", probe: "through-db", items: 500, healthz: 500, ended: 0 },
  ] as const)("the cure $cure does what it says", async ({ mode, probe, items, healthz, ended }) => {
    const { db, app, lost } = await started(mode, probe);
    expect(await get(app, "/healthz")).toBe(200);
    await replaceDatabase(db);
    expect([await get(app, "/items"), await get(app, "/healthz"), lost()]).toEqual([items, healthz, ended]);
  });
});

describe("go-app that ends when it has no database", () => {
  test.each([
    { mode: "crash", ended: 1 },
    { mode: "exit", ended: 0 },
  ] as const)("in the mode $mode without a database at its start: ended $ended times", async ({ mode, ended }) => {
    const gone = await startDatabase(0, HOST);
    await gone[Symbol.asyncDispose]();
    let lost = 0;
    const end = new AbortController();
    const connecting = connectDatabase({ host: HOST, port: gone.port }, mode, () => lost++, end.signal);
    await sleep(300); // one try takes no longer
    expect(lost).toBe(ended);
    end.abort();
    await connecting.catch(() => undefined);
  });
});

describe("a caller that retries", () => {
  const failingOnce = async () => {
    let asked = 0;
    const flaky = await serveHttp(0, async () => ({ status: ++asked % 3 === 0 ? 200 : 503, body: "" }), HOST);
    closing.push(flaky);
    return { flaky, asked: () => asked };
  };

  test.each([
    { attempts: 3, status: 200, asked: 3 },
    { attempts: 2, status: 503, asked: 2 },
    { attempts: 1, status: 503, asked: 1 },
  ])("with $attempts attempts passes $status on after $asked requests", async ({ attempts, status, asked }) => {
    const upstream = await failingOnce();
    const front = await serveHttp(0, repeater(`http://${HOST}:${upstream.flaky.port}`, { attempts }), HOST);
    closing.push(front);
    expect([await get(front, "/items"), upstream.asked()]).toEqual([status, asked]);
  });

  test("tells that nobody answered after its last attempt", async () => {
    const front = await serveHttp(0, repeater(`http://${HOST}:1`, { attempts: 2 }), HOST);
    closing.push(front);
    expect(await get(front, "/items")).toBe(500);
  });
});

test("node-pressure counts the seconds in which some process waited, for each node", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "aftershock-pressure-")), "cpu");
  writeFileSync(
    file,
    "some avg10=99.00 avg60=1.00 avg300=0.50 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
  );
  const exporter = await serveHttp(0, nodePressure(["node-a", "node-b"], file), HOST);
  closing.push(exporter);
  expect(await (await fetch(`http://${HOST}:${exporter.port}/metrics`)).text()).toBe(
    [
      "# TYPE node_pressure_cpu_waiting_seconds_total counter",
      'node_pressure_cpu_waiting_seconds_total{node="node-a"} 2.5',
      'node_pressure_cpu_waiting_seconds_total{node="node-b"} 2.5',
      "",
    ].join("\n"),
  );
  writeFileSync(file, "");
  expect(await get(exporter, "/metrics")).toBe(500);
});

test("a connection that is reset ends neither go-app nor its other paths", async () => {
  const answering = createTcp((socket) => {
    socket.write("VALUE 3 items\n");
    setTimeout(() => socket.resetAndDestroy(), 100);
  });
  const lost: number[] = [];
  await new Promise<void>((listening) => answering.listen(0, HOST, listening));
  const { port } = answering.address() as AddressInfo;
  closing.push(await connectDatabase({ host: HOST, port }, "exit", () => lost.push(1), stop.signal));
  await sleep(400);
  answering.close();
  expect(lost).toEqual([1]);
});

test("a database that answers late loses no connection, and no answer is taken for another", async () => {
  let delayMs = 0;
  const slow = createTcp((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (text) => {
      for (const line of String(text).trim().split("\n"))
        setTimeout(() => socket.write(`VALUE ${line.split(" ")[1]}\n`), delayMs);
    });
  });
  await new Promise<void>((listening) => slow.listen(0, HOST, listening));
  const { port } = slow.address() as AddressInfo;
  const connection = await connectDatabase({ host: HOST, port }, "stale", () => undefined, stop.signal);
  closing.push(connection);
  delayMs = 2_200;
  await expect(connection.ask("GET items")).rejects.toThrow("did not answer in time");
  delayMs = 0;
  await sleep(400);
  expect(await connection.ask("GET orders")).toBe("VALUE orders");
  slow.close();
});

test("a sidecar that accepts and ends connections before there is a database is no database", async () => {
  const sidecar = createTcp((socket) => socket.destroy());
  await new Promise<void>((listening) => sidecar.listen(0, HOST, listening));
  const { port } = sidecar.address() as AddressInfo;
  let lost = 0;
  const opening = connectDatabase({ host: HOST, port }, "exit", () => lost++, stop.signal);
  await sleep(300);
  await new Promise((closed) => sidecar.close(closed));
  closing.push(await startDatabase(port, HOST));
  const connection = await opening;
  closing.push(connection);
  expect([await connection.ask("GET orders"), lost]).toEqual(["VALUE 2 orders", 0]);
});

describe("traffic", () => {
  test("sends each path by its weight, ends by itself, and counts what failed", async () => {
    const seen: string[] = [];
    const server = await serveHttp(
      0,
      async (path) => {
        seen.push(path);
        return { status: path === "/bad" ? 503 : 200, body: "" };
      },
      HOST,
    );
    closing.push(server);
    const sent = await sendTraffic(
      {
        target: `http://${HOST}:${server.port}`,
        host: null,
        perSecond: 200,
        durationMs: 200,
        paths: readPaths("/good:3,/bad"),
      },
      stop.signal,
    );
    expect(sent).toEqual({ answered: 30, failed: 10, skipped: 0 });
    expect([seen.filter((path) => path === "/good").length, seen.length]).toEqual([30, 40]);
  });

  test("requests for an ingress gateway carry its Host header", async () => {
    const hosts: (string | undefined)[] = [];
    const gateway = createServer((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    });
    await new Promise<void>((listening) => gateway.listen(0, HOST, listening));
    const { port } = gateway.address() as AddressInfo;
    const sent = await sendTraffic(
      {
        target: `http://${HOST}:${port}`,
        host: "repeater.acme.com",
        perSecond: 50,
        durationMs: 40,
        paths: readPaths("/"),
      },
      stop.signal,
    );
    gateway.closeAllConnections();
    gateway.close();
    expect([sent.answered, hosts]).toEqual([2, ["repeater.acme.com", "repeater.acme.com"]]);
  });

  test("a target that hangs does not fill the process", async () => {
    const hangs = await serveHttp(0, () => new Promise(() => undefined), HOST);
    closing.push(hangs);
    const ends = AbortSignal.any([stop.signal]);
    const target = `http://${HOST}:${hangs.port}`;
    const sent = await sendTraffic(
      { target, host: null, perSecond: 1_000, durationMs: 300, paths: readPaths("/") },
      ends,
    );
    expect(sent).toEqual({ answered: 0, failed: 200, skipped: 100 });
  });

  test.each(["items", "/items:0", "/a b", "", "/items:100"])(
    "refuses the paths %j and says what was expected",
    (text) => {
      expect(() => readPaths(text)).toThrow(/expected \/items or \/items:2/);
    },
  );
});

describe("a caller's manners", () => {
  const url = ({ port }: Part): string => `http://${HOST}:${port}`;
  const served = async (answer: Parameters<typeof serveHttp>[1]): Promise<Part> => {
    const part = await serveHttp(0, answer, HOST);
    closing.push(part);
    return part;
  };

  test("a failure of what it also asks is passed on, unless that is optional", async () => {
    const well = await served(async () => ({ status: 200, body: "ok" }));
    const ill = await served(async () => ({ status: 503, body: "" }));
    const strict = await served(repeater(url(well), { also: url(ill) }));
    const lenient = await served(repeater(url(well), { also: url(ill), optional: true }));
    expect([await get(strict, "/"), await get(lenient, "/")]).toEqual([503, 200]);
  });

  test("it gives up after its time-out", async () => {
    const hanging = await served(() => new Promise(() => undefined));
    const hasty = await served(repeater(url(hanging), { timeoutMs: 50 }));
    expect(await get(hasty, "/")).toBe(500);
  });

  test("a busy service refuses what finds no place", async () => {
    const busy = await served(busyLeaf(200, 1));
    expect((await Promise.all([get(busy, "/a"), get(busy, "/b")])).sort()).toEqual([200, 503]);
    expect(await get(busy, "/healthz")).toBe(200);
  });
});
