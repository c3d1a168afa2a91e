import type { Labels } from "../signals/classify.ts";
import { type NativeHistogram, nativeHistograms } from "../signals/native.ts";
import { type Beside, besideOf } from "./complete.ts";
import { MATRIX_MAX_SERIES, SERIES_MAX_BYTES } from "./limits.ts";
import { SampleBook, skipBlanks } from "./sample-book.ts";
import { ValueEnd } from "./value-end.ts";

/**
 * Samples of one series: `n` of them at the start of both arrays, which are reused for the next
 * series.
 */
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
  /** There was a list of series, even if it was empty. */
  readonly hasResult: boolean;
  readonly series: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/**
 * All that an answer says besides its series is never larger; what is, is no answer of Prometheus.
 */
const ENVELOPE_MAX_BYTES = 1_000_000;
/** The labels of a series, or one histogram, are never larger. */
const VALUE_MAX_BYTES = 2_000_000;

/** Where in an answer we are: objects, and the lists whose members are read one by one. */
type Frame = "answer" | "data" | "result" | "series" | "values" | "histograms";
const IS_LIST: Readonly<Record<Frame, boolean>> = {
  answer: false,
  data: false,
  result: true,
  series: false,
  values: true,
  histograms: true,
};
/** What may come next in a frame. */
type Next = "first" | "member" | "comma";

/**
 * Reads a matrix or vector answer of Prometheus as it arrives, one series in memory at a time: 100
 * MB of raw samples cost no more room than the longest series. It is read as JSON: blanks, the
 * order of keys and keys that nobody knows do not matter. Feed it with `push`, then `end`. Throws
 * SyntaxError on what is not JSON of that shape.
 */
export class MatrixReader {
  private readonly onSeries: OnSeries;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private readonly frames: Frame[] = [];
  private next: Next = "first";
  private isOver = false;
  /**
   * The value that is being read, from `at` on: how far it was looked through, and who wants it.
   */
  private pending: { readonly end: ValueEnd; scanned: number; readonly take: (value: unknown) => void } | null = null;
  private readonly answer: Record<string, unknown> = Object.create(null);
  private readonly data: Record<string, unknown> = Object.create(null);
  private envelopeBytes = 0;
  private hasResult = false;
  private count = 0;
  /** Bytes that came since the series began, as near as their pieces tell. */
  private seriesBytes = 0;
  private labels: Labels = {};
  private readonly samples = new SampleBook();
  private histograms: unknown[] = [];
  /** Members of the result that are no series: those of a scalar. */
  private readonly scalar: unknown[] = [];

  constructor(onSeries: OnSeries) {
    this.onSeries = onSeries;
  }

  /** The next bytes of the body. */
  push(chunk: Buffer): void {
    const left = this.bytes.length - this.at;
    this.bytes = left === 0 ? chunk : Buffer.concat([this.bytes.subarray(this.at), chunk]);
    this.at = 0;
    while (this.step());
    // The chunk may be reused by whoever gave it.
    this.bytes = Buffer.from(this.bytes.subarray(this.at));
    this.at = 0;
    this.seriesBytes += chunk.length;
    if (this.frames.includes("series") && this.seriesBytes > SERIES_MAX_BYTES) {
      throw new SyntaxError("one series is far longer than any of Prometheus");
    }
    const isOutside = this.frames.length <= 2;
    if (this.bytes.length + (isOutside ? this.envelopeBytes : 0) > (isOutside ? ENVELOPE_MAX_BYTES : VALUE_MAX_BYTES)) {
      throw new SyntaxError("it is far longer than any answer of Prometheus");
    }
  }

  /** The body is complete. */
  end(): Envelope {
    if (!this.isOver) throw new SyntaxError("it breaks off");
    if (this.scalar.length > 0) this.finishScalar();
    const { answer, data, count, hasResult } = this;
    const whole: Readonly<Record<string, unknown>> = { data, ...answer };
    return {
      status: asText(answer.status),
      errorType: asText(answer.errorType),
      error: asText(answer.error),
      ...besideOf(whole),
      resultType: asText(data.resultType),
      hasResult,
      series: count,
    };
  }

  /** Reads one thing. False when the bytes end before it does; then nothing is taken. */
  private step(): boolean {
    if (this.pending !== null) return this.goOn(this.pending);
    this.at = skipBlanks(this.bytes, this.at);
    const byte = this.bytes[this.at];
    if (byte === undefined) return false;
    const frame = this.frames.at(-1);
    if (frame === undefined) return this.open(byte);
    if (this.next === "comma") {
      if (byte !== COMMA) return this.close(frame, byte);
      this.at++;
      this.next = "member";
      return true;
    }
    if (this.next === "first" && byte === (IS_LIST[frame] ? CLOSE_BRACKET : CLOSE_BRACE))
      return this.close(frame, byte);
    return IS_LIST[frame] ? this.readMember(frame, byte) : this.readKey(frame, byte);
  }

  private open(byte: number): boolean {
    if (this.isOver) throw new SyntaxError("something follows the answer");
    if (byte !== OPEN_BRACE) throw new SyntaxError("it is not a JSON object");
    return this.enter("answer");
  }

  private enter(frame: Frame): boolean {
    this.at++;
    this.frames.push(frame);
    this.next = "first";
    return true;
  }

  private close(frame: Frame, byte: number): boolean {
    if (byte !== (IS_LIST[frame] ? CLOSE_BRACKET : CLOSE_BRACE))
      throw new SyntaxError("a comma or an end was expected");
    this.at++;
    this.frames.pop();
    this.next = "comma";
    if (frame === "series") this.finishSeries();
    if (frame === "answer") this.isOver = true;
    return true;
  }

  private readMember(frame: Frame, byte: number): boolean {
    if (frame === "result") {
      this.seriesBytes = 0;
      if (byte !== OPEN_BRACE) return this.readScalar();
      this.labels = {};
      this.samples.n = 0;
      this.histograms = [];
      return this.enter("series");
    }
    if (frame === "histograms") return this.read((value) => this.histograms.push(value));
    const before = this.at;
    this.at = this.samples.addWritten(this.bytes, before);
    if (this.at === before) return this.read((value) => this.samples.addParsed(value));
    this.next = this.bytes[this.at] === CLOSE_BRACKET ? "comma" : "member";
    return true;
  }

  /** A key, its colon, and the first byte of its value, which says what is to be done with it. */
  private readKey(frame: Frame, byte: number): boolean {
    if (byte !== QUOTE) throw new SyntaxError("a key was expected");
    const end = new ValueEnd().find(this.bytes, this.at);
    if (end < 0) return false;
    const colon = skipBlanks(this.bytes, end);
    const value = skipBlanks(this.bytes, colon + 1);
    if (colon < this.bytes.length && this.bytes[colon] !== COLON) throw new SyntaxError("a colon was expected");
    if (value >= this.bytes.length) return false;
    const key = String(JSON.parse(this.bytes.toString("utf8", this.at, end)));
    this.at = value;
    const first = this.bytes[value];
    if (frame === "series") return this.readOfSeries(key, first === OPEN_BRACKET);
    if (frame === "answer" && key === "data" && first === OPEN_BRACE) return this.enter("data");
    if (frame === "data" && key === "result") return this.readResult(first === OPEN_BRACKET);
    const into = frame === "answer" ? this.answer : this.data;
    return this.read((read) => {
      into[key] = read;
    });
  }

  private readResult(isList: boolean): boolean {
    if (this.hasResult) throw new SyntaxError("it has two results");
    this.hasResult = true;
    if (isList) return this.enter("result");
    return this.read((value) => {
      if (value !== null) throw new SyntaxError("a list of series was expected");
    });
  }

  private readOfSeries(key: string, isList: boolean): boolean {
    if (key === "values" && isList) {
      this.samples.n = 0;
      return this.enter("values");
    }
    if (key === "histograms" && isList) return this.enter("histograms");
    return this.read((value) => {
      if (key === "metric") this.labels = labelsOf(value);
      else if (key === "value" && value !== null) this.samples.addParsed(value);
      else if (key === "histogram" && value !== null) this.histograms.push(value);
      else if ((key === "values" || key === "histograms") && value !== null) {
        throw new SyntaxError(`a list of ${key} was expected`);
      }
    });
  }

  /** Reads the value at `at`, whatever it is, and hands it over. */
  private read(take: (value: unknown) => void): boolean {
    this.pending = { end: new ValueEnd(), scanned: 0, take };
    return this.goOn(this.pending);
  }

  private goOn(pending: NonNullable<typeof this.pending>): boolean {
    const { at, bytes } = this;
    const end = pending.end.find(bytes, at + pending.scanned);
    if (end < 0) {
      pending.scanned = bytes.length - at;
      return false;
    }
    this.pending = null;
    this.at = end;
    this.next = "comma";
    if (this.frames.length <= 2) this.envelopeBytes += end - at;
    pending.take(JSON.parse(bytes.toString("utf8", at, end)));
    return true;
  }

  private readScalar(): boolean {
    if (this.count > 0 || this.scalar.length > 1) throw new SyntaxError("a series was expected");
    return this.read((value) => this.scalar.push(value));
  }

  /** `"resultType":"scalar","result":[1700000000,"1"]` is one sample without labels. */
  private finishScalar(): void {
    if (this.data.resultType !== "scalar" || this.count > 0) throw new SyntaxError("a series was expected");
    this.labels = {};
    this.samples.n = 0;
    this.samples.addParsed(this.scalar);
    this.finishSeries();
  }

  private finishSeries(): void {
    this.count++;
    if (this.count > MATRIX_MAX_SERIES) throw new SyntaxError("it has far more series than are read");
    const { timesMs, values, n } = this.samples;
    const { histograms } = this;
    this.onSeries(this.labels, {
      timesMs,
      values,
      n,
      ...(histograms.length === 0 ? {} : { histograms: nativeHistograms(histograms) }),
    });
  }
}

function labelsOf(value: unknown): Labels {
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new SyntaxError("labels were expected");
  return value as Labels;
}

const asText = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
