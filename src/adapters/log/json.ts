import { pino } from "pino";
import { printable } from "../../core/text/printable.ts";
import type { Log, LogFields } from "../../ports/log.ts";
import { redactor } from "./redact.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogOptions {
  /** The least level that is written. */
  readonly level: LogLevel;
  /** Takes one line, with its line break. */
  readonly write: (line: string) => void;
  /** Values that must never be written, from the configuration. */
  readonly redact?: readonly string[];
  /** Time of a line, ms since the epoch; the system's when absent. */
  readonly nowMs?: () => number;
}

/**
 * One JSON object a line, for a cluster's log collector:
 * `{"level":"info","time":"…","msg":"…",…facts}`.
 */
export function jsonLog({ level, write, redact = [], nowMs }: LogOptions): Log {
  const clean = redactor(redact);
  const logger = pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp:
        nowMs === undefined ? pino.stdTimeFunctions.isoTime : () => `,"time":"${new Date(nowMs()).toISOString()}"`,
    },
    { write: (line: string) => write(printable(line)) },
  );
  const at =
    (name: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (logger.isLevelEnabled(name))
        logger[name](withoutReserved(clean(fields) as LogFields), String(clean(message)));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A fact named like one of the line's own fields would make a key twice: it gets an underscore. */
const withoutReserved = (fields: LogFields): LogFields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [["level", "time", "msg"].includes(name) ? `${name}_` : name, value]),
  );
