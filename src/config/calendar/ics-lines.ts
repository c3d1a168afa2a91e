/**
 * A property of an iCalendar file, with its continuation lines joined (RFC 5545 §3.1). Names are in
 * capitals.
 */
export interface Property {
  /** From 1. */
  readonly line: number;
  readonly name: string;
  readonly params: ReadonlyMap<string, string>;
  readonly value: string;
}

/** What stands between BEGIN and END. */
export interface Block {
  readonly name: string;
  readonly line: number;
  readonly properties: readonly Property[];
  readonly blocks: readonly Block[];
}

interface OpenBlock extends Block {
  readonly properties: Property[];
  readonly blocks: Block[];
}

/** Underscores are in no standard, and in exports. */
const PROPERTY = /^([A-Za-z0-9_-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)$/s;
const PARAMETER = /;([^=;]+)=((?:"[^"]*"|[^;"])*)/g;
const BYTE_ORDER_MARK = "\uFEFF";

/** The error for something wrong in `line`. */
export const wrongAt = (line: number, why: string): RangeError => new RangeError(`line ${line}: ${why}`);

/**
 * The calendars of an iCalendar file, one after another.
 * @throws RangeError naming the line
 */
export function readCalendars(text: string): readonly Block[] {
  if (/\0|^\uFFFD\uFFFD/.test(text)) throw wrongAt(1, "the file is not UTF-8; save it as UTF-8");
  const calendars: Block[] = [];
  const open: OpenBlock[] = [];
  for (const { line, content } of logicalLines(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)) {
    const property = readProperty(line, content);
    const { name, value } = property;
    const inside = open.at(-1);
    if (name === "BEGIN" && (inside !== undefined || value === "VCALENDAR")) {
      const block: OpenBlock = { name: value, line, properties: [], blocks: [] };
      (inside?.blocks ?? calendars).push(block);
      open.push(block);
    } else if (inside === undefined) {
      throw wrongAt(line, `expected BEGIN:VCALENDAR, found "${content.slice(0, 40)}"`);
    } else if (name === "END") {
      if (inside.name !== value) throw wrongAt(line, `END:${value} closes something that is not open`);
      open.pop();
    } else inside.properties.push(property);
  }
  const left = open.at(-1);
  if (left !== undefined) throw wrongAt(left.line, `BEGIN:${left.name} is never closed; is the file cut off?`);
  if (calendars.length === 0) throw wrongAt(1, "the file is empty");
  return calendars;
}

/** First property of that name, or null. */
export const propertyOf = ({ properties }: Block, name: string): Property | null =>
  properties.find((one) => one.name === name) ?? null;

function readProperty(line: number, content: string): Property {
  const parts = PROPERTY.exec(content);
  if (parts === null) throw wrongAt(line, `"${content.slice(0, 40)}" is not a line of an iCalendar file`);
  const [, name = "", parameters = "", value = ""] = parts;
  const params = [...parameters.matchAll(PARAMETER)].map(
    ([, key = "", written = ""]) => [key.trim().toUpperCase(), written.trim().replace(/^"(.*)"$/, "$1")] as const,
  );
  const isFrame = /^(BEGIN|END)$/i.test(name);
  return {
    line,
    name: name.toUpperCase(),
    params: new Map(params),
    value: isFrame ? value.trim().toUpperCase() : value.trim(),
  };
}

function logicalLines(text: string): { readonly line: number; readonly content: string }[] {
  const lines: { line: number; content: string }[] = [];
  for (const [i, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const last = lines.at(-1);
    if (/^[ \t]/.test(raw) && last !== undefined) last.content += raw.slice(1);
    else if (raw.trim() !== "") lines.push({ line: i + 1, content: raw.trimEnd() });
  }
  return lines;
}
