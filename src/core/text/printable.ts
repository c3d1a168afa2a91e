/**
 * What steers a terminal or turns the direction of text: control characters but line feed and tab,
 * marks of direction, line and paragraph separators.
 */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * Text that may be printed wherever it came from: what would steer the reader's terminal or turn
 * its lines around shows as an escape, `\u001b`. Inside JSON that is the same text.
 * @example printable("a\u001b[31mb") // => "a\\u001b[31mb"
 */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
