import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../../src/sandbox/process.ts", import.meta.url));
const children: ChildProcess[] = [];

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
});

test("the process prints where it is, runs on the clock that it was given, and ends on SIGTERM", async () => {
  const origin = Date.parse("2026-03-06T08:55:00Z");
  const child = start([
    "--seed",
    "3",
    "--history-ms",
    "600000",
    "--sim-origin-ms",
    String(origin),
    "--real-origin-ms",
    String(Date.now()),
  ]);
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const { url, prometheusUrl, kubeconfig } = JSON.parse(line) as {
    url: string;
    prometheusUrl: string;
    kubeconfig: string;
  };
  expect(kubeconfig).toContain(`server: ${url}`);
  const answer = (await (await fetch(`${prometheusUrl}/api/v1/query?query=time()`)).json()) as {
    data: { result: [number, string] };
  };
  const elapsedSeconds = answer.data.result[0] - origin / 1_000;
  expect(elapsedSeconds).toBeGreaterThan(0);
  const pods = (await (await fetch(`${url}/api/v1/namespaces/go-app/pods`)).json()) as { items: unknown[] };
  expect(pods.items).toHaveLength(6);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test.each([
  { name: "a story that nobody knows", args: ["--story", "other"], says: "--story: one of stale, reconnect" },
  { name: "a seed that is no number", args: ["--seed", "x"], says: "--seed: a number, not x" },
])("$name is refused", async ({ args, says }) => {
  const child = start(args);
  const [[code], [text]] = await Promise.all([once(child, "exit"), once(child.stderr!, "data")]);
  expect(code).toBe(1);
  expect(String(text)).toContain(says);
});
