import { printable } from "../core/text/printable.ts";

/**
 * A whole document as text. JSX elements of Hono turn into their HTML as text; everything in them
 * is escaped, and nothing turns a line around.
 */
export async function htmlOf(document: { toString(): string | Promise<string> }): Promise<string> {
  return `<!doctype html>${printable(String(await document.toString()))}`;
}
