/** One page of a list. */
export interface PageOf<T> {
  readonly items: readonly T[];
  /** Counts from 1. */
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

/** Page `wanted` of `all`; the last one when there are not so many. */
export function pageOf<T>(all: readonly T[], wanted: string | undefined, perPage: number): PageOf<T> {
  const pages = Math.max(1, Math.ceil(all.length / perPage));
  const asked = /^\d{1,6}$/.test(wanted ?? "") ? Number(wanted) : 1;
  const page = Math.min(Math.max(1, asked), pages);
  return { items: all.slice((page - 1) * perPage, page * perPage), page, pages, total: all.length };
}

/** `?outcome=recovered&page=2`, without what is absent or empty; empty when nothing is left. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const told = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const params = new URLSearchParams(Object.fromEntries(told.map(([key, value]) => [key, String(value)])));
  return told.length === 0 ? "" : `?${params}`;
}
