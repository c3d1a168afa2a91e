import { printable } from "../../core/text/printable.ts";
import type { Log, LogFields } from "../../ports/log.ts";
import type { LogLevel, LogOptions } from "./json.ts";
import { redactor } from "./redact.ts";

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];
/** Grey, none, yellow, red. */
const COLOURS: Readonly<Record<LogLevel, string>> = {
  debug: "\u001b[90m",
  info: "",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};
const RESET = "\u001b[0m";

export interface PlainLogOptions extends LogOptions {
  /** Colour the level with ANSI codes: only on a terminal. */
  readonly colour?: boolean;
}

/**
 * Lines for a person at a terminal: `warn Prometheus is slow took=4.2 url=http://…`. With `nowMs`,
 * each begins with the time of day in UTC.
 */
export function plainLog({ level, write, redact = [], nowMs, colour = false }: PlainLogOptions): Log {
  const clean = redactor(redact);
  const at =
    (name: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (ORDER.indexOf(name) < ORDER.indexOf(level)) return;
      const time = nowMs === undefined ? "" : `${new Date(nowMs()).toISOString().slice(11, 19)} `;
      const label = name.padEnd(5);
      const shown = colour && COLOURS[name] !== "" ? `${COLOURS[name]}${label}${RESET}` : label;
      write(`${time}${shown} ${oneLine(String(clean(message)))}${printable(factsText(clean(fields) as LogFields))}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const factsText = (fields: LogFields): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name}=${valueText(value)}`)
    .join("");

function valueText(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? oneLine(value) : JSON.stringify(value);
  if (typeof value === "object" && value !== null) return JSON.stringify(withoutStack(value));
  return String(value);
}

/** A stack fills the screen; the JSON log has it. */
const withoutStack = (value: object): unknown =>
  Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).filter(([name]) => name !== "stack"));

/** What came from a cluster must not steer the terminal, or look like a line of its own. */
const oneLine = (text: string): string => printable(text.replaceAll(/[\n\t]/g, " "));
