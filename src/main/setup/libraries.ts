import { format } from "node:util";
import type { Log } from "../../ports/log.ts";

let log: Log | null = null;

/** From now on what libraries print goes to this log. */
export function tellLibraries(to: Log): void {
  log = to;
}

const LOUD = ["warn", "error", "trace"] as const;
const QUIET = ["log", "info", "debug"] as const;

/**
 * Takes over `console` and Node's warnings for the rest of the process: a library's own lines would
 * stand between ours, which a log collector reads as JSON. Before there is a log they go to
 * standard error.
 */
export function captureLibraries(): void {
  const take =
    (level: "warn" | "debug") =>
    (...parts: readonly unknown[]): void => {
      const text = format(...parts).trim();
      if (log === null) process.stderr.write(`${text}\n`);
      else log[level]("a library says", { text });
    };
  for (const name of LOUD) console[name] = take("warn");
  for (const name of QUIET) console[name] = take("debug");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => take("warn")(`${warning.name}: ${warning.message}`));
}
