import type { Labels } from "../signals/classify.ts";
import { type NativeHistogram, nativeHistograms } from "../signals/native.ts";
import { parseSample } from "../signals/promql.ts";
import { type Beside, besideOf } from "./complete.ts";
import { MATRIX_MAX_SERIES, SERIES_MAX_BYTES } from "./limits.ts";

/** Samples of one series: `n` of them at the start of both arrays, which are reused for the next series. */
export interface Samples {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly n: number;
  /** Samples that are native histograms instead of numbers, in order. */
  readonly histograms?: readonly NativeHistogram[];
}
export type OnSeries = (labels: Labels, samples: Samples) => void;

/** What an answer says besides its series. */
export interface Envelope extends Beside {
  readonly status: string | undefined;
  readonly errorType: string | undefined;
  readonly error: string | undefined;
  readonly resultType: string | undefined;
  readonly series: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** The rest of an answer (status, warnings) is never larger; what is, is no answer of Prometheus. */
const ENVELOPE_MAX_BYTES = 1_000_000;
/** `"result":[`, where the series begin; servers print JSON without spaces, and JSON.parse reads what does not fit. */
const RESULT = Buffer.from('"result":[');
const VALUES = Buffer.from('},"values":[');

/**
 * Reads a matrix answer of Prometheus as it arrives, one series in memory at a time: 100 MB of raw samples cost no more room than the
 * longest series. Feed it with `push`, then `end`. Throws SyntaxError on what is not JSON of that shape.
 */
export class MatrixReader {
  private readonly onSeries: OnSeries;
  private outside: Buffer[] = [];
  private outsideBytes = 0;
  private state: "head" | "between" | "object" | "tail" = "head";
  private object: Buffer[] = [];
  private objectBytes = 0;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private count = 0;
  private timesMs = new Float64Array(512);
  private values = new Float64Array(512);

  constructor(onSeries: OnSeries) {
    this.onSeries = onSeries;
  }

  /** The next bytes of the body. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.state === "head") at = this.readHead(chunk, at);
      else if (this.state === "between") at = this.readBetween(chunk, at);
      else if (this.state === "object") at = this.readObject(chunk, at);
      else at = this.keep(chunk.subarray(at), chunk.length);
    }
  }

  /** The body is complete. */
  end(): Envelope {
    if (this.state === "between" || this.state === "object") throw new SyntaxError("it breaks off");
    const text = Buffer.concat(this.outside).toString("utf8");
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) throw new SyntaxError("it is not a JSON object");
    const { status, errorType, error, data } = parsed as Record<string, unknown>;
    const resultType = (data as { resultType?: unknown } | null | undefined)?.resultType;
    return {
      status: asText(status),
      errorType: asText(errorType),
      error: asText(error),
      ...besideOf(parsed as Record<string, unknown>),
      resultType: asText(resultType),
      series: this.count,
    };
  }

  /** Bytes before the series; a mark that is cut by the end of a chunk is found when the next one is added. */
  private readHead(chunk: Buffer, at: number): number {
    const before = this.outsideBytes;
    this.keep(chunk.subarray(at), chunk.length);
    const head = Buffer.concat(this.outside);
    const mark = head.indexOf(RESULT);
    if (mark < 0) {
      this.outside = [head];
      return chunk.length;
    }
    const start = mark + RESULT.length;
    this.outside = [head.subarray(0, start)];
    this.outsideBytes = start;
    this.state = "between";
    return at + (start - before);
  }

  private keep(part: Buffer, next: number): number {
    this.outsideBytes += part.length;
    if (this.outsideBytes > ENVELOPE_MAX_BYTES) throw new SyntaxError("it is far longer than any answer of Prometheus");
    this.outside.push(Buffer.from(part));
    return next;
  }

  private readBetween(chunk: Buffer, at: number): number {
    for (let i = at; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === OPEN_BRACE) {
        this.state = "object";
        this.depth = 0;
        return i;
      }
      if (byte === CLOSE_BRACKET) {
        this.state = "tail";
        return i;
      }
      if (byte !== 0x2c && byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)
        throw new SyntaxError("a series was expected");
    }
    return chunk.length;
  }

  private readObject(chunk: Buffer, at: number): number {
    let { depth, inString, escaped } = this;
    for (let i = at; i < chunk.length; i++) {
      const byte = chunk[i];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) {
        this.object.push(chunk.subarray(at, i + 1));
        this.finishObject();
        return i + 1;
      }
    }
    this.depth = depth;
    this.inString = inString;
    this.escaped = escaped;
    this.object.push(Buffer.from(chunk.subarray(at)));
    this.objectBytes += chunk.length - at;
    if (this.objectBytes > SERIES_MAX_BYTES) throw new SyntaxError("one series is far longer than any of Prometheus");
    return chunk.length;
  }

  private finishObject(): void {
    const bytes = this.object.length === 1 ? this.object[0]! : Buffer.concat(this.object);
    this.object = [];
    this.objectBytes = 0;
    this.depth = 0;
    this.inString = false;
    this.escaped = false;
    this.state = "between";
    this.count++;
    if (this.count > MATRIX_MAX_SERIES) throw new SyntaxError("it has far more series than are read");
    const split = bytes.indexOf(VALUES);
    if (split >= 0 && bytes.toString("latin1", 0, 10) === '{"metric":') {
      const labels = JSON.parse(bytes.toString("utf8", 10, split + 1)) as Labels;
      const n = this.readPairs(bytes, split + VALUES.length);
      if (n >= 0) {
        this.onSeries(labels, { timesMs: this.timesMs, values: this.values, n });
        return;
      }
    }
    this.readSlowly(bytes);
  }

  /** `[1700000000.123,"12"],…]}` from `at`; the number of pairs, or −1 when it is written in another way or more follows. */
  private readPairs(bytes: Buffer, at: number): number {
    let n = 0;
    let i = at;
    while (bytes[i] === OPEN_BRACKET) {
      const comma = bytes.indexOf(0x2c, i);
      if (comma < 0 || bytes[comma + 1] !== QUOTE) return -1;
      const close = bytes.indexOf(QUOTE, comma + 2);
      if (close < 0 || bytes[close + 1] !== CLOSE_BRACKET) return -1;
      this.room(n);
      this.timesMs[n] = Math.round(readNumber(bytes, i + 1, comma) * 1000);
      this.values[n] = readNumber(bytes, comma + 2, close);
      n++;
      i = bytes[close + 2] === 0x2c ? close + 3 : close + 2;
    }
    return bytes[i] === CLOSE_BRACKET && bytes[i + 1] === CLOSE_BRACE ? n : -1;
  }

  private readSlowly(bytes: Buffer): void {
    const series = JSON.parse(bytes.toString("utf8")) as {
      metric?: Labels;
      values?: readonly (readonly [number, string])[];
      value?: readonly [number, string];
      histograms?: unknown;
    };
    const pairs = series.values ?? (series.value ? [series.value] : []);
    pairs.forEach(([time, value], i) => {
      this.room(i);
      this.timesMs[i] = Math.round(Number(time) * 1000);
      this.values[i] = parseSample(String(value));
    });
    const histograms = series.histograms === undefined ? [] : nativeHistograms(series.histograms);
    const { timesMs, values } = this;
    this.onSeries(series.metric ?? {}, { timesMs, values, n: pairs.length, histograms });
  }

  private room(n: number): void {
    if (n < this.timesMs.length) return;
    this.timesMs = doubled(this.timesMs);
    this.values = doubled(this.values);
  }
}

function doubled(array: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** Plain decimals are read digit by digit; anything else (exponents, NaN, +Inf) as text. Exact up to 2^53. */
function readNumber(bytes: Buffer, from: number, to: number): number {
  let digits = 0;
  let scale = 1;
  let inFraction = false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === 0x2e && !inFraction) inFraction = true;
    else if (byte >= 0x30 && byte <= 0x39) {
      digits = digits * 10 + (byte - 0x30);
      if (inFraction) scale *= 10;
    } else return parseSample(bytes.toString("latin1", from, to));
  }
  if (to - from > 15) return parseSample(bytes.toString("latin1", from, to));
  return digits / scale;
}

const asText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
