/** Longest literal in one snappy element, with a two-byte length. */
const LITERAL_MAX = 65_536;

/** A number of seven bits a byte, the lowest first. */
function encoded(value: number): Buffer {
  const parts: number[] = [];
  for (let left = BigInt(value); ; left >>= 7n) {
    if (left < 128n) return Buffer.from([...parts, Number(left)]);
    parts.push(Number(left & 127n) | 128);
  }
}

/** Signed numbers as `sint32` and `sint64` have them. */
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

/** Fields one after another: a message. */
export const message = (fields: readonly Buffer[]): Buffer => Buffer.concat(fields);

/** An integer field; 0 or more. */
export const varint = (number: number, value: number): Buffer => Buffer.concat([encoded(number << 3), encoded(value)]);

/** A field of eight bytes: a number, or the bits of one that JavaScript would not keep. */
export function double(number: number, value: number | bigint): Buffer {
  const eight = Buffer.alloc(8);
  if (typeof value === "bigint") eight.writeBigUInt64LE(value);
  else eight.writeDoubleLE(value);
  return Buffer.concat([encoded((number << 3) | 1), eight]);
}

/** A length-delimited field: a message inside a message. */
export const bytes = (number: number, content: Buffer): Buffer =>
  Buffer.concat([encoded((number << 3) | 2), encoded(content.length), content]);

export const text = (number: number, content: string): Buffer => bytes(number, Buffer.from(content));

/** A repeated integer field in one piece. */
export const packed = (number: number, values: readonly number[]): Buffer =>
  bytes(number, Buffer.concat(values.map(encoded)));

/** Snappy's block format with literals only: bigger than what it packs, and valid. */
export function snappy(data: Buffer): Buffer {
  const parts = [encoded(data.length)];
  for (let at = 0; at < data.length; at += LITERAL_MAX) {
    const literal = data.subarray(at, at + LITERAL_MAX);
    const head = Buffer.alloc(3);
    head[0] = 61 << 2;
    head.writeUInt16LE(literal.length - 1, 1);
    parts.push(head, literal);
  }
  return Buffer.concat(parts);
}
