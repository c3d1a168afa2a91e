import { parseSample } from "../signals/promql.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const BLANK = 0x20;
/**
 * Digits and a point of this length make an exact number: the digits are below 2^53, the power of
 * ten is exact.
 */
const EXACT_CHARS = 15;
/**
 * A sample is shorter than this unless it is written oddly: so many bytes must be there to read one
 * in the fast way.
 */
const SAMPLE_MAX_BYTES = 96;

/** Times and values of one series, in arrays that grow and are used again for the next. */
export class SampleBook {
  timesMs = new Float64Array(512);
  values = new Float64Array(512);
  n = 0;

  /** Reads `[1700000000.123,"12"]` (or, within a list, what JSON.parse made of it). */
  addParsed(sample: unknown): void {
    if (!Array.isArray(sample) || sample.length < 2) throw new SyntaxError("a sample was expected");
    const [time, value] = sample as unknown[];
    const timeMs = Math.round(Number(time) * 1000);
    if (time === null || !Number.isFinite(timeMs)) throw new SyntaxError("a sample with a time was expected");
    this.add(timeMs, parseSample(String(value)));
  }

  /**
   * Reads samples with their commas from `at` on, as long as they are written as servers do, with
   * or without blanks, and are there in full. The place of the first that is not.
   */
  addWritten(bytes: Buffer, at: number): number {
    const lastStart = bytes.length - SAMPLE_MAX_BYTES;
    let sample = at;
    while (sample <= lastStart && bytes[sample] === OPEN_BRACKET) {
      let i = skipBlanks(bytes, sample + 1);
      const timeAt = i;
      i = endOfDigits(bytes, i);
      const time = digitsOf(bytes, timeAt, i);
      i = skipBlanks(bytes, i);
      if (Number.isNaN(time) || bytes[i] !== COMMA) return sample;
      i = skipBlanks(bytes, i + 1);
      if (bytes[i] !== QUOTE) return sample;
      const valueAt = i + 1;
      i = endOfDigits(bytes, valueAt);
      let value = digitsOf(bytes, valueAt, i);
      if (bytes[i] !== QUOTE || Number.isNaN(value)) {
        i = endOfText(bytes, valueAt);
        if (i < 0) return sample;
        value = parseSample(bytes.toString("latin1", valueAt, i));
      }
      i = skipBlanks(bytes, i + 1);
      if (bytes[i] !== CLOSE_BRACKET) return sample;
      const after = skipBlanks(bytes, i + 1);
      if (bytes[after] !== COMMA) {
        // The last one of the list, or of these bytes: whoever called sees what follows.
        if (after >= bytes.length || bytes[after] !== CLOSE_BRACKET) return sample;
        this.add(Math.round(time * 1000), value);
        return after;
      }
      const next = skipBlanks(bytes, after + 1);
      if (bytes[next] !== OPEN_BRACKET) return sample;
      this.add(Math.round(time * 1000), value);
      sample = next;
    }
    return sample;
  }

  private add(timeMs: number, value: number): void {
    if (this.n === this.timesMs.length) {
      this.timesMs = doubled(this.timesMs);
      this.values = doubled(this.values);
    }
    this.timesMs[this.n] = timeMs;
    this.values[this.n] = value;
    this.n++;
  }
}

export function skipBlanks(bytes: Uint8Array, at: number): number {
  let i = at;
  for (;;) {
    const byte = bytes[i];
    if (byte !== BLANK && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
    i++;
  }
}

function endOfDigits(bytes: Uint8Array, at: number): number {
  let i = at;
  while ((bytes[i]! >= ZERO && bytes[i]! <= NINE) || bytes[i] === POINT) i++;
  return i;
}

/**
 * Plain decimals as JSON has them, digit by digit; NaN for what is longer or written in another
 * way.
 */
function digitsOf(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > EXACT_CHARS || bytes[from] === POINT || bytes[to - 1] === POINT) return Number.NaN;
  if (bytes[from] === ZERO && to - from > 1 && bytes[from + 1] !== POINT) return Number.NaN;
  let digits = 0;
  let scale = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === POINT) {
      if (scale > 0) return Number.NaN;
      scale = 1;
    } else {
      digits = digits * 10 + (byte - ZERO);
      if (scale > 0) scale *= 10;
    }
  }
  return scale > 0 ? digits / scale : digits;
}

/** The closing quote of a text without escapes; −1 where there is none. */
function endOfText(bytes: Uint8Array, at: number): number {
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH || byte < BLANK) return -1;
  }
  return -1;
}

function doubled(array: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
