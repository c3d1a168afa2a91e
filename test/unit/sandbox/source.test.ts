import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..", "src", "sandbox");
const sources = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));

/** What is true in the sandbox must follow from how its services behave. */
const VERDICTS =
  /\b(steady|transient|slow-recovery|persistent|unresolved|inconclusive|verdict|degraded|suspected|confirmed|sham)\b/i;

test("the sandbox knows no word of any verdict", () => {
  expect(sources.length).toBeGreaterThan(40);
  expect(sources.filter((path) => VERDICTS.test(readFileSync(join(ROOT, path), "utf8")))).toEqual([]);
});
