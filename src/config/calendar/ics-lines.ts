import ICAL from "ical.js";

/** Properties whose value is a date, or several. */
const DATES = /^(DTSTART|DTEND|EXDATE|RECURRENCE-ID)$/i;
const DATE = /^(\d{4})(\d{2})(\d{2})(T([01]\d|2[0-3])[0-5]\d[0-6]\d)?Z?$/;

/**
 * Refuses what the parser would misread in silence (a 45th of December becomes a day in February) or report without a line.
 * @throws RangeError naming the line
 */
export function refuseWrongLines(text: string): void {
  const open: { readonly name: string; readonly line: number }[] = [];
  for (const { line, content } of logicalLines(text)) {
    const at = `line ${line}: `;
    const parts = /^([A-Za-z0-9-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)$/s.exec(content);
    if (parts === null) throw new RangeError(`${at}"${content.slice(0, 40)}" is not a line of an iCalendar file`);
    const [, name = "", , value = ""] = parts;
    if (open.length === 0 && content.toUpperCase() !== "BEGIN:VCALENDAR") {
      throw new RangeError(`${at}expected BEGIN:VCALENDAR, found "${content.slice(0, 40)}"`);
    }
    const wrong = whyWrong(name, value);
    if (wrong !== null) throw new RangeError(`${at}${wrong}`);
    if (/^BEGIN$/i.test(name)) open.push({ name: value, line });
    if (/^END$/i.test(name) && open.pop()?.name.toUpperCase() !== value.toUpperCase()) {
      throw new RangeError(`${at}END:${value} closes something that is not open`);
    }
  }
  const left = open.at(-1);
  if (left !== undefined)
    throw new RangeError(`line ${left.line}: BEGIN:${left.name} is never closed; is the file cut off?`);
  if (text.trim() === "") throw new RangeError("line 1: the file is empty");
}

function whyWrong(name: string, value: string): string | null {
  if (DATES.test(name)) {
    const bad = value.split(",").find((one) => !isDate(one));
    return bad === undefined ? null : `"${bad}" is not a date`;
  }
  if (!/^RRULE$/i.test(name)) return null;
  try {
    ICAL.Recur.fromString(value);
    return null;
  } catch (cause) {
    return `RRULE: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

function isDate(text: string): boolean {
  const parts = DATE.exec(text.trim());
  if (parts === null) return false;
  const [, year, month, day] = parts.map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
}

/** Lines with their continuations (those that begin with a blank) joined: RFC 5545 §3.1. */
function logicalLines(text: string): { readonly line: number; readonly content: string }[] {
  const lines: { line: number; content: string }[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(raw) && last !== undefined) last.content += raw.slice(1);
    else if (raw.trim() !== "") lines.push({ line: i + 1, content: raw.trimEnd() });
  }
  return lines;
}
