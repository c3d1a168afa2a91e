import { parseDuration } from "../../config/values/duration.ts";
import { AftershockError } from "../../core/model/error.ts";
import { HOUR_MS } from "../../core/model/units.ts";
import { EXIT, type Io } from "../io.ts";
import { readPaths, sendTraffic, type WeightedPath } from "../sample/traffic.ts";

interface TrafficOptions {
  readonly target: string;
  readonly host?: string;
  readonly rate: number;
  readonly duration: string;
  readonly paths: string;
}

/** Traffic ends by itself: one that was forgotten does not run for ever. */
const LONGEST_MS = 24 * HOUR_MS;

/**
 * Sends steady, bounded traffic, so that there is something to judge by. Exits 0 however many
 * requests fail.
 */
export async function traffic(options: TrafficOptions, io: Io): Promise<number> {
  const durationMs = parseDuration(options.duration);
  if (durationMs === null || durationMs <= 0 || durationMs > LONGEST_MS)
    throw wrong(`--duration is "${options.duration}"`, "expected up to 24h, for example 90s, 30m or 1h30m");
  if (!URL.canParse(options.target) || !/^https?:$/.test(new URL(options.target).protocol))
    throw wrong(`--target is "${options.target}"`, "expected an address such as http://repeater:8080");
  const sent = await sendTraffic(
    {
      target: options.target,
      host: options.host ?? null,
      perSecond: options.rate,
      durationMs,
      paths: pathsOf(options.paths),
    },
    io.signal,
  );
  io.out(`${sent.answered} answered, ${sent.failed} failed, ${sent.skipped} not sent\n`);
  return EXIT.ok;
}

function pathsOf(text: string): readonly WeightedPath[] {
  try {
    return readPaths(text);
  } catch (cause) {
    throw wrong(`--paths: ${(cause as Error).message}`, "for example --paths /items:2,/orders,/about:3");
  }
}

const wrong = (message: string, hint: string): AftershockError => new AftershockError("usage", message, { hint });
