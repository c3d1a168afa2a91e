import { formatTime } from "./format.ts";

/**
 * Marks a moment inside a text, so that whoever renders it can show it in the reader's zone.
 * Characters of no alphabet: names cannot hold them.
 */
const [BEGIN, END] = ["\uE000", "\uE001"];
const MOMENT = new RegExp(`${BEGIN}(\\d+)${END}`, "g");

/** `atMs` (ms since the epoch) as part of a text. */
export const moment = (atMs: number): string => `${BEGIN}${Math.round(atMs)}${END}`;

/** The text with each moment as `render` writes it. */
export const withMoments = (text: string, render: (atMs: number) => string): string =>
  text.replace(MOMENT, (_, ms: string) => render(Number(ms)));

/** The text with moments in `timezone`: `2026-03-06 10:15:00 (Europe/Berlin)`. */
export const inZone = (text: string, timezone: string): string =>
  withMoments(text, (atMs) => `${formatTime(atMs, timezone)} (${timezone})`);
