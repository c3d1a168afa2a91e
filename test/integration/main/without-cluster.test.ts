import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EXIT, type Io } from "../../../src/main/io.ts";
import { runCli } from "../../../src/main/program.ts";
import { describeWith } from "../../support/requires.ts";
import { startPrometheus } from "../../support/servers/prometheus.ts";
import { trappedMesh } from "../prometheus/scenario.ts";

const folder = mkdtempSync(join(tmpdir(), "aftershock-bare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in an empty folder, where no kubeconfig is. */
async function run(...argv: readonly string[]) {
  let out = "";
  let err = "";
  const io: Io = {
    env: { KUBECONFIG: join(folder, "none.kubeconfig"), HOME: folder },
    cwd: folder,
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    terminal: false,
    signal: new AbortController().signal,
  };
  const exitCode = await runCli(argv, io);
  return { exitCode, out, err };
}

/** A Prometheus that has nothing, and refuses some queries. */
async function emptyServer(refuses: (query: string) => boolean) {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (chunk) => {
      body += chunk;
    });
    incoming.on("end", () => {
      const query = new URLSearchParams(body).get("query") ?? "";
      asked.push(query);
      if (refuses(query)) {
        outgoing.writeHead(400, { "content-type": "application/json" });
        outgoing.end('{"status":"error","errorType":"bad_data","error":"no subqueries here"}');
        return;
      }
      outgoing.writeHead(200, { "content-type": "application/json" });
      outgoing.end('{"status":"success","data":{"resultType":"vector","result":[]}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("doctor without a configuration and without a kubeconfig says what is missing of each part", async () => {
  const { exitCode, out } = await run("doctor");
  expect(exitCode).toBe(EXIT.notRecovered);
  expect(out).toMatch(/^FAIL configuration: configuration file .* does not exist/m);
  expect(out).toMatch(/^FAIL metrics source: .*--prometheus URL/m);
  expect(out).toMatch(/^FAIL cluster: /m);
  expect(out).toMatch(/^FAIL storage: /m);
});

test("doctor looks at Prometheus and the storage although there is no kubeconfig", async () => {
  await using server = await emptyServer((query) => query.includes("_bytes_total"));
  writeFileSync(
    join(folder, "aftershock.yaml"),
    JSON.stringify({
      cluster: "test",
      prometheus: { url: server.url },
      storage: { url: "embedded:data" },
      policies: [
        {
          name: "a",
          schedule: { windows: ["mon-fri 09:00-17:00"], perDay: 1 },
          target: { namespaces: ["a"] },
          faults: [{ kind: "pod-evict" }],
        },
      ],
    }),
  );
  const { exitCode, out } = await run("doctor");
  expect(exitCode).toBe(EXIT.notRecovered);
  expect(out).toMatch(/^ok {3}configuration: /m);
  expect(out).toMatch(/^FAIL metrics source: /m);
  expect(out).toMatch(/^FAIL queries: callsTcp: .*no subqueries here/m);
  expect(out.match(/^FAIL queries/gm)).toHaveLength(1);
  expect(out).toMatch(/^FAIL cluster: /m);
  expect(out).toMatch(/^ok {3}storage: works/m);
  rmSync(join(folder, "aftershock.yaml"));
});

test("doctor sends every query of the signals file once, those of several metrics with each", async () => {
  await using server = await emptyServer(() => false);
  const { out } = await run("doctor", "--prometheus", server.url, "--json");
  const { checks } = JSON.parse(out) as { checks: { what: string; ok: boolean; says: string }[] };
  expect(checks.find(({ what }) => what === "queries")).toMatchObject({ ok: true });
  for (const start of ["istio_agent_process_start_time_seconds{", "istio_tcp_connections_failed_total{"]) {
    expect(server.asked.some((query) => query.startsWith(start))).toBe(true);
  }
  expect(server.asked.filter((query) => /\$[a-z]/.test(query))).toEqual([]);
  expect(checks.map(({ what }) => what)).not.toContain("cluster");
});

test("doctor --wait looks again, and tells the last look alone", async () => {
  await using server = await emptyServer(() => false);
  const { exitCode, out } = await run("doctor", "--prometheus", server.url, "--wait", "6s");
  expect(exitCode).toBe(EXIT.notRecovered);
  expect(out.match(/metrics source/g)).toHaveLength(1);
  const looks = server.asked.filter((query) => query === server.asked[0]).length;
  await run("doctor", "--prometheus", server.url);
  expect(server.asked.filter((query) => query === server.asked[0])).toHaveLength(1.5 * looks);
});

test.each(["soon", "0s", "2h"])("doctor --wait %s is refused", async (wait) => {
  const { exitCode, err } = await run("doctor", "--prometheus", "http://127.0.0.1:9", "--wait", wait);
  expect(exitCode).not.toBe(EXIT.ok);
  expect(err).toContain("expected a time up to 1h");
});

test("a Prometheus that is away is told once, not for each query", async () => {
  const { out } = await run("doctor", "--prometheus", "http://127.0.0.1:9");
  expect(out.match(/^FAIL queries: not all could be sent: .*cannot be reached/gm)).toHaveLength(1);
});

test("a Prometheus that refuses every query for one reason is told once, not for each query", async () => {
  await using server = await emptyServer(() => true);
  const { out } = await run("doctor", "--prometheus", server.url);
  expect(out.match(/^FAIL queries: all \d+: .*no subqueries here/gm)).toHaveLength(1);
  expect(out.match(/^FAIL queries/gm)).toHaveLength(1);
});

test.each([
  { name: "no address", args: ["--prometheus", "prometheus:9090"], said: /prometheus\.url/ },
  {
    name: "a token file that is not there",
    args: ["--prometheus", "http://127.0.0.1:9", "--token-file", "none"],
    said: /file none does not exist/,
  },
])("judge --prometheus with $name is refused", async ({ args, said }) => {
  const { exitCode, err } = await run(
    "judge",
    ...args,
    "--from",
    "2026-03-06T09:00:00Z",
    "--to",
    "2026-03-06T09:30:00Z",
  );
  expect(exitCode).toBe(EXIT.failed);
  expect(err).toMatch(said);
});

test.each([
  {
    name: "from long ago until now",
    to: [],
    said: /from --from to now are .*: at most 7 d can be judged \(name the end with --to\)/,
  },
  { name: "of more than a week", to: ["--to", "2026-03-20T09:00:00Z"], said: /from --from to --to are 14 d: at most/ },
])("a window $name is refused before anybody is asked for it", async ({ to, said }) => {
  await using server = await emptyServer(() => false);
  const { exitCode, err } = await run("judge", "--prometheus", server.url, "--from", "2026-03-06T09:00:00Z", ...to);
  expect(exitCode).toBe(EXIT.failed);
  expect(err).toMatch(said);
  expect(server.asked).toEqual([]);
});

describeWith("prometheus", "a real Prometheus", () => {
  test("is judged by its address alone: no configuration, no kubeconfig, no file left behind", async () => {
    const { grid, t0Ms, text } = trappedMesh({ stepMs: 60_000, scrapeMs: 15_000, steps: 60 });
    await using server = await startPrometheus(text);
    const endMs = grid.startMs + grid.steps * grid.stepMs;
    const window = ["--from", new Date(t0Ms).toISOString(), "--to", new Date(endMs).toISOString()];
    const { exitCode, out, err } = await run("judge", "--prometheus", server.url, ...window, "--json");
    expect(err).not.toMatch(/kubeconfig|configuration file/);
    const judgement = JSON.parse(out) as { headline: string; verdicts: { service: string }[] };
    expect(judgement.verdicts.map(({ service }) => service)).toContain("shop/cart");
    expect([EXIT.ok, EXIT.notRecovered, EXIT.unknown]).toContain(exitCode);
  }, 60_000);
});
