import { effectFor } from "../../app/judge.ts";
import { judgeWindow } from "../../app/judge-past.ts";
import { AftershockError } from "../../core/model/error.ts";
import { isDegraded } from "../../core/model/verdict.ts";
import { impactLine, worstFirst } from "../../core/report/impact.ts";
import type { ConfiguredOptions } from "../configured.ts";
import { EXIT, type Io } from "../io.ts";
import { wire } from "../wire.ts";

interface JudgeOptions extends ConfiguredOptions {
  readonly from: string;
  readonly to?: string;
  readonly service?: string;
}

/** Judges a past window; exits like `run`. */
export async function judgePast(options: JudgeOptions, io: Io): Promise<number> {
  const fromMs = instant("--from", options.from);
  await using wired = await wire(options, io);
  const settings = wired.deps.settings();
  const toMs = options.to === undefined ? wired.deps.clock.nowMs() : instant("--to", options.to);
  if (toMs < fromMs + 6 * settings.geometry.stepMs) {
    throw new AftershockError(
      "usage",
      `--to must lie at least ${(6 * settings.geometry.stepMs) / 1000} s after --from`,
      {
        hint: "shorter windows need a smaller observation.step",
      },
    );
  }
  const judgement = await judgeWindow(
    wired.deps,
    {
      fromMs,
      toMs,
      service: options.service ?? null,
      geometry: settings.geometry,
      minimumEffect: (service) => effectFor(settings, service),
    },
    io.signal,
  );
  if (options.json) io.out(`${JSON.stringify(judgement, null, 2)}\n`);
  else {
    io.out(
      `verdict: ${judgement.headline}${judgement.learning ? " (learning)" : ""}${judgement.origin === null ? "" : `, it began in ${judgement.origin}`}\n`,
    );
    const told = worstFirst(
      judgement.verdicts.filter((v) => isDegraded(v.verdict.kind) || v.service === options.service),
    );
    for (const v of told) io.out(`${v.service} ${v.signal}: ${impactLine(v)}\n`);
    for (const note of judgement.notes) io.out(`note: ${note}\n`);
  }
  if (judgement.headline === "inconclusive") return EXIT.inconclusive;
  return judgement.headline === "steady" || judgement.headline === "transient" ? EXIT.ok : EXIT.degraded;
}

function instant(option: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  throw new AftershockError("usage", `${option} ${text}: a time like 2026-03-06T09:15:00Z was expected`);
}
