import { badData } from "../promql/errors.ts";
import { parseDurationMs } from "../promql/literals.ts";
import type { StepGrid } from "../promql/values.ts";

/** Most steps of one range query (Prometheus' own limit, web/api/v1). */
const MAX_STEPS = 11_000;

/** A time parameter: seconds since the epoch, or RFC 3339; in ms. @throws PromqlError bad_data */
export function parseTimeMs(name: string, text: string | undefined): number {
  const ms = text === undefined ? Number.NaN : secondsToMs(text) || Date.parse(text);
  if (Number.isNaN(ms)) {
    throw badData(`invalid parameter "${name}": cannot parse "${text ?? ""}" to a valid timestamp`);
  }
  return ms;
}

const secondsToMs = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Math.round(Number(text) * 1_000) : Number.NaN;

function parseStepMs(text: string | undefined): number {
  const seconds = text === undefined ? Number.NaN : secondsToMs(text);
  if (!Number.isNaN(seconds)) return seconds;
  try {
    return parseDurationMs(text ?? "");
  } catch {
    throw badData(`invalid parameter "step": cannot parse "${text ?? ""}" to a valid duration`);
  }
}

/** The steps of a range query. @throws PromqlError bad_data */
export function parseGrid(params: URLSearchParams): StepGrid {
  const startMs = parseTimeMs("start", params.get("start") ?? undefined);
  const endMs = parseTimeMs("end", params.get("end") ?? undefined);
  if (endMs < startMs) throw badData('invalid parameter "end": end timestamp must not be before start time');
  const stepMs = parseStepMs(params.get("step") ?? undefined);
  if (stepMs <= 0) {
    throw badData(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  const intervals = Math.floor((endMs - startMs) / stepMs);
  if (intervals > MAX_STEPS) {
    throw badData(
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  }
  return { startMs, stepMs, steps: intervals + 1 };
}
