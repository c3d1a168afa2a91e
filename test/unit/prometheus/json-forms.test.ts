import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MatrixReader } from "../../../src/adapters/prometheus/client/matrix-reader.ts";

/** A series as JSON has it, whatever else stands beside it. */
interface Told {
  readonly metric?: Record<string, unknown> | null;
  readonly values?: readonly (readonly [unknown, unknown])[] | null;
  readonly value?: readonly [unknown, unknown];
}
interface Read {
  readonly status: unknown;
  readonly series: readonly { readonly labels: object; readonly samples: readonly (readonly [number, number])[] }[];
}

const INFINITIES: Readonly<Record<string, number>> = {
  "+Inf": Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  "-Inf": Number.NEGATIVE_INFINITY,
};
const numberOf = (value: unknown): number => INFINITIES[String(value)] ?? (value === "" ? Number.NaN : Number(value));

/** The same by JSON.parse. */
function byJsonParse(text: string): Read {
  const { status, data } = JSON.parse(text) as { status?: unknown; data: { result: readonly Told[] } };
  const series = data.result.map(({ metric, values, value }) => ({
    labels: { ...metric },
    samples: [...(values ?? []), ...(value === undefined ? [] : [value])].map(
      ([time, sample]) => [Math.round(Number(time) * 1000), numberOf(sample)] as const,
    ),
  }));
  return { status, series };
}

function byReader(text: string, sizes: readonly number[]): Read {
  const series: Read["series"][number][] = [];
  const reader = new MatrixReader((labels, { timesMs, values, n }) => {
    const samples = Array.from({ length: n }, (_, i) => [timesMs[i]!, values[i]!] as const);
    series.push({ labels: { ...labels }, samples });
  });
  const bytes = Buffer.from(text);
  for (let at = 0, k = 0; at < bytes.length; k++) {
    const size = sizes[k % sizes.length]!;
    // A buffer that is used again for the next piece must not matter.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    reader.push(piece);
    piece.fill(0x78);
    at += size;
  }
  return { status: reader.end().status, series };
}

/** Writes `value` as JSON with blanks, escapes and an order of keys that `choose` chooses. */
function spell(value: unknown, choose: () => number): string {
  const blank = (): string => ["", "", " ", "\n", "\t", "\r\n  "][choose() % 6]!;
  if (typeof value === "string") {
    const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
    const plain = JSON.stringify(value).slice(1, -1);
    if (choose() % 3 > 0) return `"${plain}"`;
    return `"${[...Array(value.length).keys()].map((i) => escaped(value[i]!)).join("")}"`;
  }
  if (Array.isArray(value)) {
    return `[${blank()}${value.map((one) => spell(one, choose)).join(`${blank()},${blank()}`)}${blank()}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value);
  const turn = keys.length === 0 ? 0 : choose() % keys.length;
  const members = [...keys.slice(turn), ...keys.slice(0, turn)].map((key) => {
    const inner = spell((value as Record<string, unknown>)[key], choose);
    return `${spell(key, choose)}${blank()}:${blank()}${inner}`;
  });
  return `{${blank()}${members.join(`${blank()},${blank()}`)}${blank()}}`;
}

const label = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('},"values":[', '"result":[', "\\", '"', "]}", "\n", "ü"),
);
const time = fc.oneof(
  fc.nat(2_000_000_000),
  fc.nat(2_000_000_000_000).map((ms) => ms / 1000),
);
const sample = fc.oneof(
  fc.nat().map(String),
  fc.double().map(String),
  fc.constantFrom(
    "+Inf",
    "-Inf",
    "NaN",
    "1e+06",
    "0",
    "00",
    "-0",
    "0.30000000000000004",
    "123456789012345678",
    "",
    "1.",
    ".5",
  ),
);
/** Keys that nobody knows, some of which look like known ones, with any JSON inside. */
const unknown = fc.dictionary(
  fc.constantFrom("stats", "analysis", "Values", "result ", "histogram_", "__proto__", "é", ""),
  fc.jsonValue({ maxDepth: 3 }),
  { maxKeys: 3 },
);
const series = fc
  .record({
    metric: fc.dictionary(fc.constantFrom("a", "le", "service", "values", "metric"), label),
    values: fc.array(fc.tuple(time, sample), { maxLength: 20 }),
    more: unknown,
  })
  .map(({ more, ...rest }) => ({ ...rest, ...more }));
const answer = fc
  .record({ result: fc.array(series, { maxLength: 5 }), inData: unknown, beside: unknown })
  .map(({ result, inData, beside }) => ({
    ...beside,
    status: "success",
    data: { resultType: "matrix", ...inData, result },
  }));
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 })), { minLength: 1 });
const choices = fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 });

const chooser = (from: readonly number[]): (() => number) => {
  let k = 0;
  return () => from[k++ % from.length]! + k;
};

describe("an answer in any form of JSON", () => {
  test("is read as JSON.parse reads it: blanks, key order, escapes, unknown keys, wherever it is cut", () => {
    fc.assert(
      fc.property(answer, choices, sizes, (told, chosen, cut) => {
        const text = spell(told, chooser(chosen));
        expect(byReader(text, cut)).toEqual(byJsonParse(text));
      }),
      { numRuns: 400 },
    );
  });

  test("is never read where JSON.parse finds an error, and never read otherwise than by it", () => {
    const damage = fc.record({
      at: fc.nat(),
      put: fc.constantFrom("", ",", "]", "}", "[", "{", '"', ":", "0", "-", "x", " ", "\\"),
    });
    let refused = 0;
    fc.assert(
      fc.property(answer, choices, sizes, damage, (told, chosen, cut, { at, put }) => {
        const text = spell(told, chooser(chosen));
        const place = at % text.length;
        // Half of a surrogate pair is no UTF-8: what arrives is what counts.
        const broken = Buffer.from(text.slice(0, place) + put + text.slice(place + 1)).toString("utf8");
        try {
          JSON.parse(broken);
        } catch {
          refused++;
          expect(() => byReader(broken, cut)).toThrow(SyntaxError);
          return;
        }
        let expected: Read | null = null;
        try {
          expected = byJsonParse(broken);
        } catch {
          // JSON, but without the lists of an answer: all the same whether it is refused.
        }
        if (expected !== null) {
          let read: Read;
          try {
            read = byReader(broken, cut);
          } catch (cause) {
            // JSON, but not an answer: a series without labels that are labels, a sample without a
            // time.
            expect(cause).toBeInstanceOf(SyntaxError);
            return;
          }
          expect(read).toEqual(expected);
        }
      }),
      { numRuns: 800 },
    );
    expect(refused).toBeGreaterThan(150);
  });

  test.each([
    {
      name: "numbers instead of texts",
      text: '{"status":"success","data":{"result":[{"metric":{},"values":[[1,2],["3","4"]]}]}}',
      is: [
        [1000, 2],
        [3000, 4],
      ],
    },
    {
      name: "more than two in a sample",
      text: '{"status":"success","data":{"result":[{"metric":{},"values":[[1,"2",{"x":1}]]}]}}',
      is: [[1000, 2]],
    },
    {
      name: "no labels",
      text: '{"status":"success","data":{"result":[{"metric":null,"values":[[1,"2"]]}]}}',
      is: [[1000, 2]],
    },
    {
      name: "a list of values that comes twice, of which the last holds",
      text: '{"status":"success","data":{"result":[{"values":[[1,"2"]],"values":[[3,"4"]]}]}}',
      is: [[3000, 4]],
    },
  ])("may have $name", ({ text, is }) => {
    expect(byReader(text, [7]).series.map(({ samples }) => samples)).toEqual([is]);
  });

  test.each([
    {
      name: "two results, of which one was handed over already",
      text: '{"status":"success","data":{"result":[],"result":[]}}',
    },
    { name: "a result that is an object", text: '{"status":"success","data":{"result":{}}}' },
    { name: "samples that are no list", text: '{"status":"success","data":{"result":[{"metric":{},"values":5}]}}' },
    {
      name: "a sample without a time",
      text: '{"status":"success","data":{"result":[{"metric":{},"values":[[null,"1"]]}]}}',
    },
    { name: "labels that are a list", text: '{"status":"success","data":{"result":[{"metric":[],"values":[]}]}}' },
    { name: "something behind the end", text: '{"status":"success","data":{"result":[]}} {}' },
    { name: "a comma too many", text: '{"status":"success","data":{"result":[],}}' },
  ])("is refused when it has $name", ({ text }) => expect(() => byReader(text, [11])).toThrow(SyntaxError));
});
