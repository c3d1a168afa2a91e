import { systemClock } from "../../adapters/system/clock.ts";
import { effectFor } from "../../app/judge/judge.ts";
import { judgeWindow } from "../../app/judge/judge-window.ts";
import { worstFirst } from "../../core/model/degraded.ts";
import { AftershockError } from "../../core/model/error.ts";
import { outcomeOfVerdict } from "../../core/model/outcome.ts";
import { WEEK_MS } from "../../core/model/units.ts";
import { isDegraded } from "../../core/model/verdict.ts";
import { formatDuration } from "../../core/text/format.ts";
import { impactLine } from "../../core/text/impact.ts";
import { exitOf, type Io } from "../io.ts";
import { patience } from "../print/patience.ts";
import type { BareOptions } from "../setup/bare-config.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { openMetrics } from "../setup/metrics-only.ts";

interface JudgeOptions extends ConfiguredOptions, BareOptions {
  readonly from: string;
  readonly to?: string;
  readonly service?: string;
}

/** Shorter windows hold too little to be judged. */
const MIN_STEPS = 6;
/**
 * Longer ones are another question: what is normal is learnt from so long before, and every two
 * hours of raw samples are some requests.
 */
const LONGEST_MS = WEEK_MS;

/**
 * Judges a past window, of the configured metrics source or of `--prometheus`; needs no cluster.
 * Exits like `run`.
 */
export async function judgePast(options: JudgeOptions, io: Io): Promise<number> {
  const fromMs = instant("--from", options.from);
  using waiting = patience(systemClock(), (text) => io.err(text));
  await using opened = await openMetrics(options, io, () => waiting.answered());
  const { settings } = opened;
  const nowMs = opened.clock.nowMs();
  const toMs = options.to === undefined ? nowMs : instant("--to", options.to);
  const leastMs = MIN_STEPS * settings.geometry.stepMs;
  if (toMs < fromMs + leastMs || toMs > nowMs) {
    const end = options.to === undefined ? "now" : "--to";
    throw new AftershockError(
      "usage",
      toMs > nowMs
        ? "--to lies in the future: only what has happened can be judged"
        : `--from must lie at least ${formatDuration(leastMs)} before ${end}`,
      toMs > nowMs ? {} : { hint: "shorter windows need a smaller observation.step" },
    );
  }
  if (toMs - fromMs > LONGEST_MS) {
    throw new AftershockError(
      "usage",
      `from --from to ${options.to === undefined ? "now" : "--to"} are ${formatDuration(toMs - fromMs)}: at most ${formatDuration(LONGEST_MS)} can be judged`,
      {
        hint: "name the end with --to",
      },
    );
  }
  const judgement = await judgeWindow(
    opened,
    {
      fromMs,
      toMs,
      service: options.service ?? null,
      geometry: settings.geometry,
      minimumEffect: (service) => effectFor(settings, service),
    },
    io.signal,
  );
  const outcome = outcomeOfVerdict(judgement.headline);
  if (options.json) io.out(`${JSON.stringify({ outcome, ...judgement }, null, 2)}\n`);
  else {
    io.out(
      `outcome: ${outcome} (verdict ${judgement.headline})${judgement.learning ? " (learning)" : ""}${judgement.origin === null ? "" : `, it began in ${judgement.origin}`}\n`,
    );
    const told = worstFirst(
      judgement.verdicts.filter((v) => isDegraded(v.verdict.kind) || v.service === options.service),
    );
    for (const v of told) io.out(`${v.service} ${v.signal}: ${impactLine(v)}\n`);
    if (options.service !== undefined && told.length === 0) {
      io.out(`nothing was measured of ${options.service} then: is it namespace/name of a service with traffic?\n`);
    }
    for (const note of judgement.notes) io.out(`note: ${note}\n`);
  }
  return exitOf(outcome);
}

function instant(option: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new AftershockError("usage", `${option} ${text}: a time like 2026-03-06T09:15:00Z was expected`);
}
