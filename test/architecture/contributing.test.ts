import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const KINDS = [
  "fault",
  "gate",
  "diagnosis rule",
  "signal",
  "page",
  "storage",
  "command",
  "notifier",
  "statistic",
  "configuration key",
];

const text = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
const section = text.slice(text.indexOf("## Where do I change"), text.indexOf("## House rules"));
const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| a new"));

test("CONTRIBUTING says for every kind of change which files to touch", () => {
  expect(KINDS.filter((kind) => !rows.some((row) => row.startsWith(`| ${kind}`)))).toEqual([]);
});

test("every file and folder that CONTRIBUTING names exists", () => {
  const named = [...section.matchAll(/`((?:src|test|rules|docs|scripts|deploy)\/[^` ]+)`/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
