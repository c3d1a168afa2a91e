import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

/** Debian keeps the server programs of PostgreSQL outside PATH. */
const postgresFolders = (): string[] => {
  try {
    return readdirSync("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
};

/** Path of a program, or null when the machine has none of these names. */
export function findProgram(...names: string[]): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...postgresFolders()];
  for (const folder of folders) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not in this folder
      }
    }
  }
  return null;
}

/**
 * A `describe` for tests that need a program of the machine. Without it they are listed as skipped,
 * with the reason in the title; with AFTERSHOCK_REQUIRE_ALL=1 a missing program fails instead.
 */
export function describeWith(program: string, title: string, tests: () => void): void {
  const found = findProgram(program) !== null;
  if (found || process.env.AFTERSHOCK_REQUIRE_ALL === "1") describe(title, tests);
  else describe.skip(`${title} (skipped: ${program} is not installed)`, tests);
}

/**
 * The Prometheus that tests start: the Prometheus 3 that AFTERSHOCK_PROMETHEUS_3 names, else the
 * installed one; null without any.
 */
export const prometheusProgram = (): string | null => process.env.AFTERSHOCK_PROMETHEUS_3 ?? findProgram("prometheus");

/**
 * A `describe` for what only Prometheus 3 can do. Distributions have version 2, so these are listed
 * as skipped unless AFTERSHOCK_PROMETHEUS_3=/path/to/prometheus asks for them; all other tests with
 * a Prometheus are then run against it, too.
 */
export function describeWithPrometheus3(title: string, tests: () => void): void {
  if (process.env.AFTERSHOCK_PROMETHEUS_3 !== undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: AFTERSHOCK_PROMETHEUS_3 names no Prometheus 3)`, tests);
}
