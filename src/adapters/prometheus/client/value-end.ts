const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Blanks of JSON are this or less; what else is so low is an error that JSON.parse finds. */
const BLANK = 0x20;

/**
 * Finds where a JSON value ends that stands inside an object or a list; its bytes may come in
 * pieces. Whether it is valid is not looked at.
 */
export class ValueEnd {
  private depth = 0;
  private inString = false;
  private escaped = false;

  /** Goes on at `at`. The place behind the value, or −1 when `bytes` end before it. */
  find(bytes: Uint8Array, at: number): number {
    let { depth, inString, escaped } = this;
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          if (depth === 0) return i + 1;
        }
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (depth === 0) return i;
        if (--depth === 0) return i + 1;
      } else if (depth === 0 && (byte === COMMA || byte <= BLANK)) return i;
    }
    this.depth = depth;
    this.inString = inString;
    this.escaped = escaped;
    return -1;
  }
}
