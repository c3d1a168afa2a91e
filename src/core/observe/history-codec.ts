import { AftershockError } from "../model/error.ts";
import type { ConnectionCounts, Counts, LatencyCounts, Observation, Reporter, ServiceCounts } from "../model/series.ts";

/**
 * First bytes of every blob, and the version of what follows; another version is refused and
 * fetched again.
 */
const MAGIC = 0x48534641;
const VERSION = 1;
/** magic, version, length of the header, checksum of everything behind these four words. */
const PREAMBLE_BYTES = 16;
/** More steps than this (a week of seconds) are not believed of a blob. */
const MAX_STEPS = 700_000;

/** The part of a blob that is JSON; the arrays follow in this order. */
interface Header {
  readonly grid: { readonly startMs: number; readonly stepMs: number; readonly steps: number };
  readonly sourceRequests: number;
  readonly notes: readonly string[];
  readonly services: readonly {
    readonly service: string;
    readonly reporter: Reporter;
    readonly boundsMs: readonly number[] | null;
    readonly connections: boolean;
    readonly flags: Readonly<Record<string, number>>;
    readonly unread?: ServiceCounts["unread"];
  }[];
}

/**
 * Counts as bytes: a header, then for each service its validity as bits and its series as 32-bit
 * floats (exact for counts below 16,777,216). A service with five series takes 204 kB for a week of
 * minutes.
 */
export function encodeObservation(observation: Observation): Uint8Array {
  const header: Header = {
    grid: observation.grid,
    sourceRequests: observation.sourceRequests,
    notes: observation.notes,
    services: observation.services.map(({ service, reporter, latency, connections, flags, unread }) => ({
      service,
      reporter,
      boundsMs: latency?.boundsMs ?? null,
      connections: connections !== null,
      flags,
      ...(unread === undefined ? {} : { unread }),
    })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const { steps } = observation.grid;
  const dataStart = PREAMBLE_BYTES + wholeWords(text.length);
  const dataBytes = observation.services.reduce((sum, one) => sum + serviceBytes(steps, seriesOf(one).length), 0);
  const bytes = new Uint8Array(dataStart + dataBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(text, PREAMBLE_BYTES);
  let at = dataStart;
  for (const one of observation.services) {
    for (let i = 0; i < steps; i++) if (one.valid[i] === 1) bytes[at + (i >> 3)]! |= 1 << (i & 7);
    at += bitBytes(steps);
    for (const series of seriesOf(one)) {
      if (LITTLE_ENDIAN) new Float32Array(bytes.buffer, at, steps).set(series);
      else for (let i = 0; i < steps; i++) view.setFloat32(at + 4 * i, series[i]!, true);
      at += 4 * steps;
    }
  }
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, text.length, true);
  view.setUint32(12, checksum(view), true);
  return bytes;
}

/**
 * The counts behind `bytes`, of all services or of those that `wanted` names; where the machine
 * allows it, views of the bytes themselves.
 * @throws AftershockError `not-found` when they were cut, changed or written by another version:
 * fetch them again
 */
export function decodeObservation(read: Uint8Array, wanted: (service: string) => boolean = () => true): Observation {
  const bytes = aligned(read);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(bytes, view);
  const { steps } = header.grid;
  const services: ServiceCounts[] = [];
  let at = PREAMBLE_BYTES + wholeWords(view.getUint32(8, true));
  for (const { service, reporter, boundsMs, connections, flags, unread } of header.services) {
    const count = 2 + (boundsMs === null ? 0 : 1 + boundsMs.length) + (connections ? 3 : 0);
    const size = serviceBytes(steps, count);
    if (at + size > bytes.length) throw unusable("it is cut short");
    if (wanted(service)) {
      const bits = at;
      const valid = new Uint8Array(steps);
      for (let i = 0; i < steps; i++) valid[i] = (bytes[bits + (i >> 3)]! >> (i & 7)) & 1;
      let next = at + bitBytes(steps);
      const read = (): Float32Array => {
        const series = LITTLE_ENDIAN
          ? new Float32Array(bytes.buffer, bytes.byteOffset + next, steps)
          : Float32Array.from({ length: steps }, (_, i) => view.getFloat32(next + 4 * i, true));
        next += 4 * steps;
        return series;
      };
      const [requests, failures] = [read(), read()];
      const latency: LatencyCounts | null =
        boundsMs === null ? null : { boundsMs, successes: read(), slow: boundsMs.map(() => read()) };
      const tcp: ConnectionCounts | null = connections ? { opened: read(), closed: read(), failed: read() } : null;
      const counts = { service, reporter, requests, failures, latency, connections: tcp, valid, flags };
      services.push(unread === undefined ? counts : { ...counts, unread });
    }
    at += size;
  }
  if (at !== bytes.length) throw unusable("it has the wrong length");
  return { grid: header.grid, services, sourceRequests: header.sourceRequests, notes: header.notes };
}

/** The order of the blob; other machines read it number by number. */
const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The bytes where 32-bit views can lie on them. */
const aligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 4 === 0 ? bytes : bytes.slice());

function readHeader(bytes: Uint8Array, view: DataView): Header {
  if (bytes.length < PREAMBLE_BYTES || view.getUint32(0, true) !== MAGIC) throw unusable("it is something else");
  if (view.getUint32(4, true) !== VERSION) throw unusable(`it has version ${view.getUint32(4, true)}, not ${VERSION}`);
  const length = view.getUint32(8, true);
  if (bytes.length % 4 !== 0 || PREAMBLE_BYTES + wholeWords(length) > bytes.length) throw unusable("it is cut short");
  if (view.getUint32(12, true) !== checksum(view)) throw unusable("its checksum is wrong");
  const text = new TextDecoder().decode(bytes.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + length));
  const header = JSON.parse(text) as Header;
  const { stepMs, steps } = header.grid;
  if (!(stepMs > 0) || !Number.isInteger(steps) || steps < 0 || steps > MAX_STEPS)
    throw unusable("its grid is impossible");
  return header;
}

const unusable = (why: string): AftershockError =>
  new AftershockError("not-found", `kept counts cannot be used: ${why}`, {
    hint: "they are fetched again from Prometheus",
  });

/** The series of one service in the order of the blob. */
function seriesOf({ requests, failures, latency, connections }: ServiceCounts): readonly Counts[] {
  return [
    requests,
    failures,
    ...(latency === null ? [] : [latency.successes, ...latency.slow]),
    ...(connections === null ? [] : [connections.opened, connections.closed, connections.failed]),
  ];
}

const wholeWords = (bytes: number): number => Math.ceil(bytes / 4) * 4;
const bitBytes = (steps: number): number => wholeWords(Math.ceil(steps / 8));
const serviceBytes = (steps: number, series: number): number => bitBytes(steps) + 4 * steps * series;

/**
 * FNV-1a over 32-bit words, of everything but itself: http://www.isthe.com/chongo/tech/comp/fnv/
 */
function checksum(view: DataView): number {
  let hash = 0x811c9dc5;
  const words = LITTLE_ENDIAN
    ? new Uint32Array(view.buffer, view.byteOffset, view.byteLength >> 2)
    : Uint32Array.from({ length: view.byteLength >> 2 }, (_, i) => view.getUint32(4 * i, true));
  for (let i = 0; i < words.length; i++) if (i !== 3) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  return hash >>> 0;
}
