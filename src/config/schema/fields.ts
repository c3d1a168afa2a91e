import * as z from "zod";
import type { LabelRequirement } from "../../core/model/policy.ts";
import { nextCronRunMs } from "../../core/schedule/slots.ts";
import { isTimezone } from "../../core/schedule/zone.ts";
import { parseSelector } from "../../core/targeting/selector.ts";
import { DURATION_PATTERN, formatDuration, parseDuration } from "../values/duration.ts";
import { didYouMean } from "../values/suggest.ts";
import { parseWindow } from "../values/windows.ts";

/**
 * A map whose keys are all known; a stranger among them is named, with the known key that it
 * resembles.
 */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const keys = issue.keys.map((key) => `unknown key "${key}"${didYouMean(key, known)}`);
      return `${keys.join(", ")}; known here: ${known.join(", ")}`;
    },
  });
}

/** A text field that a function reads; what the function throws is the problem. */
function readBy<T>(read: (text: string) => T, base: z.ZodString = z.string()) {
  return base.transform((text, context): T => {
    try {
      return read(text);
    } catch (cause) {
      context.addIssue({ code: "custom", message: cause instanceof Error ? cause.message : String(cause) });
      return z.NEVER;
    }
  });
}

const DURATION_EXAMPLES = "write 60s, 5m or 1h30m";
const durationText = z
  .string({ error: (issue) => (issue.input === undefined ? undefined : `expected a duration: ${DURATION_EXAMPLES}`) })
  .regex(DURATION_PATTERN, {
    error: (issue) => `"${issue.input}" is not a duration; ${DURATION_EXAMPLES}`,
    abort: true,
  });

/** A duration as milliseconds, between two bounds (both allowed). */
export function duration(bounds: { readonly minMs?: number; readonly maxMs?: number } = {}) {
  const { minMs = 0, maxMs = Number.POSITIVE_INFINITY } = bounds;
  return readBy((text) => {
    const ms = parseDuration(text) ?? Number.NaN;
    if (ms < minMs) throw new RangeError(`"${text}" is too short; expected at least ${formatDuration(minMs)}`);
    if (ms > maxMs) throw new RangeError(`"${text}" is too long; expected at most ${formatDuration(maxMs)}`);
    return ms;
  }, durationText);
}

const TIME_PATTERN = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** A time of day, written as `09:00`. */
export const timeOfDay = z
  .string({ error: 'expected a time of day, as "09:00"' })
  .regex(TIME_PATTERN, { error: (issue) => `"${issue.input}" is not a time of day; write it as "09:00"` });

const PERCENT_PATTERN = /^\d{1,3}(\.\d+)?%$/;

/** A share of 0…1, written as `0.15` or `15%`. */
export const share = z
  .union(
    [
      z.number(),
      z.string().regex(PERCENT_PATTERN, { error: (issue) => `"${issue.input}" is not a share; write 15% or 0.15` }),
    ],
    { error: "expected a share, as 15% or 0.15" },
  )
  .transform((value, context): number => {
    const number = typeof value === "number" ? value : Number(value.slice(0, -1)) / 100;
    if (number >= 0 && number <= 1) return number;
    context.addIssue({ code: "custom", message: `${value} is not between 0 and 1 (100%)` });
    return z.NEVER;
  });

export const timezone = readBy((text) => {
  if (isTimezone(text)) return text;
  const guess = didYouMean(text, Intl.supportedValuesOf("timeZone")) || "; write an IANA name, as Europe/Berlin or UTC";
  throw new RangeError(`unknown time zone "${text}"${guess}`);
});

/** Any moment does to ask whether a line ever runs. */
const SOME_MOMENT_MS = Date.UTC(2024, 0, 1);

const CRON_SHAPE = 'write minute, hour, day, month and weekday, as "*/30 9-16 * * 1-5"';

export const cron = readBy((text) => {
  const parts = text.trim().split(/\s+/).length;
  if (!text.startsWith("@") && parts !== 5) throw new RangeError(`"${text}" has ${parts} parts; ${CRON_SHAPE}`);
  let runMs: number | null;
  try {
    runMs = nextCronRunMs(text, "UTC", SOME_MOMENT_MS);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: /, "") : String(cause);
    throw new RangeError(`"${text}" is not a cron line: ${why.replace(/\.$/, "")}; ${CRON_SHAPE}`);
  }
  if (runMs === null) throw new RangeError(`"${text}" never happens: there is no such day`);
  return text;
});

export const weeklyWindow = readBy(parseWindow);

export const selector = readBy((text): readonly LabelRequirement[] => parseSelector(text));

/** A moment of a calendar: a day, or a minute of it, without a zone. */
const LOCAL_MOMENT_PATTERN = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/;

/** `2026-12-20` or `2026-12-20T18:00`, in the calendar's zone. */
export const localMoment = readBy((text) => {
  const wanted = text.length === 10 ? `${text}T00:00` : text;
  const readMs = LOCAL_MOMENT_PATTERN.test(text) ? Date.parse(`${wanted}Z`) : Number.NaN;
  const back = Number.isNaN(readMs) ? "" : new Date(readMs).toISOString().slice(0, 16);
  if (back !== wanted) throw new RangeError(`"${text}" is not a date; write 2026-12-20 or 2026-12-20T18:00`);
  return text;
});

/** An http(s) address without user and password: those belong in a header from a secret. */
export const httpUrl = readBy((text) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new RangeError("expected an address that begins with http:// or https://");
  if (url.username !== "" || url.password !== "") {
    throw new RangeError(
      "a password must not stand in this file; use bearerToken or headers with { env: NAME } or { file: PATH }",
    );
  }
  return text.replace(/\/+$/, "");
});

/**
 * A name that Kubernetes accepts for most things:
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
 */
export const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
  error: (issue) => `"${issue.input}" is not a name; expected lower-case letters, digits and -, at most 63`,
});

/** The same with `*` for any characters. */
export const namePattern = z.string().regex(/^[-a-z0-9*]{1,63}$/, {
  error: (issue) => `"${issue.input}" is not a namespace; expected a name, or a pattern such as team-*`,
});

/** A secret, which never stands in the file itself. */
export const secretRef = z.union([section({ env: z.string().min(1) }), section({ file: z.string().min(1) })], {
  error: (issue) =>
    typeof issue.input === "string"
      ? "a secret must not stand in this file; write { env: NAME_OF_A_VARIABLE } or { file: PATH }"
      : "expected { env: NAME_OF_A_VARIABLE } or { file: PATH }",
});

const choices = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(", ");

/** What is said of a key that is none; `wanted` as in "expected a name as key". */
export const badKey = (wanted: string) => (issue: { readonly code?: string }) =>
  issue.code === "invalid_key" ? `expected ${wanted} as key` : undefined;

/** One of some words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, {
    error: (issue) =>
      typeof issue.input === "string"
        ? `"${issue.input}" is not one of ${choices(words)}${didYouMean(issue.input, words)}`
        : undefined,
  });

/** A whole number between two bounds. */
export const whole = (min: number, max: number = Number.MAX_SAFE_INTEGER) => z.int().min(min).max(max);
