import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Envelope, MatrixReader } from "../../../src/adapters/prometheus/client/matrix-reader.ts";

type Series = { readonly metric: Record<string, string>; readonly values: [number, string][] };

function readInChunks(body: string, sizes: readonly number[]): { series: Series[]; envelope: Envelope } {
  const series: Series[] = [];
  const reader = new MatrixReader((metric, { timesMs, values, n }) => {
    const pairs = Array.from({ length: n }, (_, i): [number, string] => [timesMs[i]!, String(values[i])]);
    series.push({ metric: { ...metric }, values: pairs });
  });
  const bytes = Buffer.from(body);
  for (let at = 0, k = 0; at < bytes.length; k++) {
    const size = sizes[k % sizes.length] ?? bytes.length;
    reader.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { series, envelope: reader.end() };
}
const matrix = (result: readonly Series[], more: object = {}): string =>
  JSON.stringify({ status: "success", data: { resultType: "matrix", result }, ...more });

const label = fc.oneof(fc.string(), fc.constantFrom('},"values":[', '"result":[', "\\", '"', "]}", "\n"));
const series = fc.record({
  metric: fc.dictionary(fc.constantFrom("a", "b", "le", "service"), label),
  values: fc.array(fc.tuple(fc.nat(2_000_000_000), fc.nat().map(String)), { minLength: 1, maxLength: 20 }),
});

test.each([[1], [7], [1_000]])("a scalar is one sample without labels, also in pieces of %d bytes", (size) => {
  const body = '{"status":"success","data":{"resultType":"scalar","result":[1700000000.5,"42"]}}';
  expect(readInChunks(body, [size]).series).toEqual([{ metric: {}, values: [[1_700_000_000_500, "42"]] }]);
});

test("a million short series are refused while they come", () => {
  let seen = 0;
  const reader = new MatrixReader(() => {
    seen++;
  });
  reader.push(Buffer.from('{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[]}'));
  const more = Buffer.from(',{"metric":{},"values":[]}'.repeat(10_000));
  const push = (): void => {
    for (let i = 0; i < 200; i++) reader.push(more);
  };
  expect(push).toThrow("far more series than are read");
  expect(seen).toBeLessThan(1_010_000);
});

test("a number among series is no series", () => {
  expect(() => readInChunks('{"status":"success","data":{"resultType":"matrix","result":[1]}}', [1_000])).toThrow(
    "a series was expected",
  );
});

describe("an answer that arrives in pieces", () => {
  test("is read like JSON.parse would, wherever it is cut", () => {
    fc.assert(
      fc.property(fc.array(series), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (all, sizes) => {
        const read = readInChunks(matrix(all, { warnings: ["w"] }), sizes);
        const expected = all.map(({ metric, values }) => ({
          metric: { ...metric },
          values: values.map(([seconds, value]): [number, string] => [seconds * 1000, value]),
        }));
        expect(read.series).toEqual(expected);
        expect(read.envelope).toEqual({
          status: "success",
          errorType: undefined,
          error: undefined,
          warnings: ["w"],
          isPartial: false,
          resultType: "matrix",
          hasResult: true,
          series: all.length,
        });
      }),
    );
  });

  test.each([
    { text: "0.5", value: 0.5 },
    { text: "1e+06", value: 1_000_000 },
    { text: "123456789012345678", value: 123456789012345680 },
    { text: "0.30000000000000004", value: 0.30000000000000004 },
    { text: "NaN", value: Number.NaN },
    { text: "+Inf", value: Number.POSITIVE_INFINITY },
    { text: "-Inf", value: Number.NEGATIVE_INFINITY },
  ])("has the value $text", ({ text, value }) => {
    const { series: read } = readInChunks(matrix([{ metric: {}, values: [[1700000000.123, text]] }]), [7]);
    expect(read[0]?.values).toEqual([[1_700_000_000_123, String(value)]]);
  });

  test("may be written with spaces, in another order, or as a vector", () => {
    const body = `{ "data": {"result":[ {"values": [[1, "2"]], "metric": {"a": "b"}}, {"metric":{"c":"d"},"value":[3,"4"]} ], "resultType": "matrix"}, "status": "success" }`;
    const { series: read, envelope } = readInChunks(body, [5]);
    expect(read).toEqual([
      { metric: { a: "b" }, values: [[1000, "2"]] },
      { metric: { c: "d" }, values: [[3000, "4"]] },
    ]);
    expect(envelope.status).toBe("success");
  });

  test("may have native histograms, beside numbers or alone, in pieces", () => {
    const buckets = [
      [3, "-Inf", "0.5", "1"],
      [0, "0.5", "+Inf", "1.5e+01"],
    ];
    const told = [[1.5, { count: "16", sum: "7", buckets }] as const, [2, { count: "0", sum: "0" }] as const];
    const result = [
      { metric: { a: "b" }, histograms: told },
      { metric: { c: "d" }, values: [[1, "2"]], histograms: told },
    ];
    const body = JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
    const read: unknown[] = [];
    const reader = new MatrixReader((labels, { n, histograms }) => read.push({ labels: { ...labels }, n, histograms }));
    for (let at = 0; at < body.length; at += 11) reader.push(Buffer.from(body.slice(at, at + 11)));
    reader.end();
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const histograms = [
      {
        atMs: 1500,
        count: 16,
        buckets: [
          { low, high: 0.5, count: 1 },
          { low: 0.5, high, count: 15 },
        ],
      },
      { atMs: 2000, count: 0, buckets: [] },
    ];
    expect(read).toEqual([
      { labels: { a: "b" }, n: 0, histograms },
      { labels: { c: "d" }, n: 1, histograms },
    ]);
  });

  test.each([
    { name: "nothing", body: "" },
    { name: "histograms that are none", body: '{"data":{"result":[{"metric":{},"histograms":[[1,null]]}]}}' },
    { name: "half of it", body: matrix([{ metric: { a: "b" }, values: [[1, "2"]] }]).slice(0, 70) },
    { name: "no JSON", body: "<html></html>" },
    { name: "numbers where series should be", body: '{"status":"success","data":{"result":[1,2]}}' },
    { name: "a null", body: "null" },
  ])("is refused when it is $name", ({ body }) => {
    expect(() => readInChunks(body, [9])).toThrow(SyntaxError);
  });

  test.each([
    { name: "text", start: '{"error":"' },
    { name: "key", start: '{"' },
    { name: "list beside the series", start: '{"data":{"result":[],"more":["' },
    { name: "label", start: '{"data":{"result":[{"metric":{"a":"' },
  ])("a $name without end is not kept in memory", ({ start }) => {
    const reader = new MatrixReader(() => {});
    const push = (): void => {
      reader.push(Buffer.from(start));
      for (let i = 0; i < 40; i++) reader.push(Buffer.alloc(64_000, 0x61));
    };
    expect(push).toThrow(/longer than any answer/);
  });

  test("warnings without end are not kept in memory", () => {
    const reader = new MatrixReader(() => {});
    const warning = `"w":"${"a".repeat(60_000)}",`;
    const push = (): void => {
      reader.push(Buffer.from("{"));
      for (let i = 0; i < 40; i++) reader.push(Buffer.from(warning));
    };
    expect(push).toThrow(/longer than any answer/);
  });
});
