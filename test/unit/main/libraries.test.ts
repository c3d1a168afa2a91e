import { afterEach, beforeEach, expect, test } from "vitest";
import { jsonLog } from "../../../src/adapters/log/json.ts";
import { captureLibraries, tellLibraries } from "../../../src/main/setup/libraries.ts";

const before = { ...console };
const warnings = process.listeners("warning");
let lines: string[] = [];

beforeEach(() => {
  lines = [];
  captureLibraries();
  tellLibraries(jsonLog({ level: "info", write: (line) => void lines.push(line) }));
});
afterEach(() => {
  Object.assign(console, before);
  process.removeAllListeners("warning");
  for (const listener of warnings) process.on("warning", listener as (warning: Error) => void);
});

test("what libraries print becomes one of our lines, whatever it is made of", async () => {
  console.warn("IMPORTANT! Eviction policy is %s.\nIt should be noeviction", "allkeys-lru");
  console.error(new Error("[ioredis] Unhandled error event"));
  process.emitWarning("SQLite is experimental", "ExperimentalWarning");
  await new Promise((resolve) => setImmediate(resolve));
  const said = lines.map((line) => JSON.parse(line) as { level: string; msg: string; text: string });
  expect(said.map(({ level, msg }) => [level, msg])).toEqual(Array(3).fill(["warn", "a library says"]));
  expect(said[0]?.text).toBe("IMPORTANT! Eviction policy is allkeys-lru.\nIt should be noeviction");
  expect(said[2]?.text).toBe("ExperimentalWarning: SQLite is experimental");
  expect(lines.every((line) => line.trim().split("\n").length === 1)).toBe(true);
});

test("chatter is told at debug, and not at info", () => {
  console.log("connected");
  console.info("ready");
  expect(lines).toEqual([]);
});
