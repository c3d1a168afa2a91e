import type { SampleSeries } from "../../../src/sandbox/promql/storage.ts";

/** Bits of the NaN that Prometheus takes for a staleness marker (model/value). */
const STALE_BITS = 0x7ff0000000000002n;
/** Longest literal in one snappy element, with a two-byte length. */
const LITERAL_MAX = 65_536;

/**
 * Sends samples to a real Prometheus by its remote-write protocol, which, unlike the OpenMetrics format of promtool, carries
 * staleness markers. @throws Error with the server's answer
 */
export async function remoteWrite(url: string, series: readonly SampleSeries[]): Promise<void> {
  for (let i = 0; i < series.length; i += 500) {
    const body = snappy(writeRequest(series.slice(i, i + 500)));
    const headers = {
      "content-encoding": "snappy",
      "content-type": "application/x-protobuf",
      "x-prometheus-remote-write-version": "0.1.0",
    };
    const response = await fetch(`${url}/api/v1/write`, { method: "POST", headers, body: new Uint8Array(body) });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }
}

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let left = BigInt(value); ; left >>= 7n) {
    if (left < 128n) return Buffer.from([...bytes, Number(left)]);
    bytes.push(Number(left & 127n) | 128);
  }
};

/** A length-delimited field of a protobuf message. */
const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);

/** `prometheus.WriteRequest` { repeated TimeSeries timeseries = 1 { labels = 1 { name = 1, value = 2 }, samples = 2 { double = 1, int64 = 2 } } } */
const writeRequest = (series: readonly SampleSeries[]): Buffer =>
  Buffer.concat(series.map((one) => field(1, timeSeries(one))));

function timeSeries({ labels, timesMs, values, stale }: SampleSeries): Buffer {
  const names = Object.keys(labels).sort();
  const pairs = names.map((name) =>
    field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(labels[name]!))])),
  );
  const samples = Array.from(timesMs, (atMs, i) => {
    const value = Buffer.alloc(9);
    value[0] = (1 << 3) | 1;
    if (stale?.[i] === 1) value.writeBigUInt64LE(STALE_BITS, 1);
    else value.writeDoubleLE(values[i]!, 1);
    return field(2, Buffer.concat([value, varint(2 << 3), varint(atMs)]));
  });
  return Buffer.concat([...pairs, ...samples]);
}

/** Snappy's block format with literals only: bigger than what it packs, and valid. */
function snappy(data: Buffer): Buffer {
  const parts = [varint(data.length)];
  for (let at = 0; at < data.length; at += LITERAL_MAX) {
    const literal = data.subarray(at, at + LITERAL_MAX);
    const head = Buffer.alloc(3);
    head[0] = 61 << 2;
    head.writeUInt16LE(literal.length - 1, 1);
    parts.push(head, literal);
  }
  return Buffer.concat(parts);
}
