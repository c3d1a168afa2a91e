/** A whole document as text. JSX elements of Hono turn into their HTML as text; everything in them is escaped. */
export async function htmlOf(document: { toString(): string | Promise<string> }): Promise<string> {
  return `<!doctype html>${await document.toString()}`;
}
