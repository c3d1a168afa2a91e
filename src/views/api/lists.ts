import type { Context } from "hono";
import { queryOf } from "../lists/paging.ts";

/** Entries that one call gives at most, and when it does not say. */
export const MAX_LIMIT = 500;
export const DEFAULT_LIMIT = 50;

/** Which part of a list is asked for, or what is wrong with how. */
export type Part = { readonly limit: number; readonly offset: number } | { readonly error: string };

export function partOf({ limit, offset }: { readonly limit?: string; readonly offset?: string }): Part {
  const many = wholeNumber(limit, DEFAULT_LIMIT);
  if (many === null || many < 1 || many > MAX_LIMIT)
    return { error: `limit: expected a whole number from 1 to ${MAX_LIMIT}` };
  const first = wholeNumber(offset, 0);
  return first === null ? { error: "offset: expected a whole number from 0" } : { limit: many, offset: first };
}

const wholeNumber = (text: string | undefined, otherwise: number): number | null =>
  text === undefined ? otherwise : /^\d{1,7}$/.test(text) ? Number(text) : null;

/**
 * Answers with a part of `all` as a list, its length in all in `x-total-count`, and where the next
 * part is in `link` (RFC 8288); 400 when the part is asked for wrongly.
 */
export async function answerPart<T>(
  context: Context,
  all: readonly T[],
  json: (part: readonly T[]) => unknown = (part) => part,
) {
  const part = partOf(context.req.query());
  if ("error" in part) return context.json({ error: part.error }, 400);
  const { limit, offset } = part;
  context.header("x-total-count", String(all.length));
  if (offset + limit < all.length) {
    const next = queryOf({ ...context.req.query(), limit, offset: offset + limit });
    context.header("link", `<${context.req.path}${next}>; rel="next"`);
  }
  return context.json((await json(all.slice(offset, offset + limit))) as object);
}
