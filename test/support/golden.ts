import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";

/**
 * What people read has a golden file under `fixtures`. `AFTERSHOCK_UPDATE_GOLDEN=1` writes it anew:
 * read the difference before committing.
 */
export function expectGolden(name: string, actual: string): void {
  const path = new URL(`../../fixtures/${name}`, import.meta.url).pathname;
  const text = actual.endsWith("\n") ? actual : `${actual}\n`;
  if (process.env.AFTERSHOCK_UPDATE_GOLDEN === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, "utf8"));
}
