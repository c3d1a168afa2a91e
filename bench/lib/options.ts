import { parseArgs } from "node:util";

/**
 * How an option is read: its text is a whole number from `least` on, a word of `words`, or
 * anything.
 */
type Kind =
  | { readonly number: number; readonly least?: number }
  | { readonly text: string | undefined; readonly words?: readonly string[]; readonly list?: boolean }
  | { readonly flag: false };

type ValueOf<K extends Kind> = K extends { number: number }
  ? number
  : K extends { flag: false }
    ? boolean
    : K extends { text: string }
      ? string
      : string | undefined;

/** Exit code for a command line that cannot be read. */
const USAGE_EXIT = 64;

/**
 * The options of a benchmark, each with what it is when left out. `--help` prints `usage` and ends;
 * what cannot be read is named, with what was expected.
 * @example const options = readOptions(USAGE, { services: { number: 300 }, json: { text: undefined } });
 */
export function readOptions<K extends Readonly<Record<string, Kind>>>(
  usage: string,
  kinds: K,
  argv: readonly string[] = process.argv.slice(2),
): { readonly [Name in keyof K]: ValueOf<K[Name]> } {
  try {
    const given = parse(kinds, argv);
    if (given.help === true) {
      console.log(usage);
      process.exit(0);
    }
    const read = Object.entries(kinds).map(([name, kind]) => [name, readOne(name, kind, given[name])]);
    return Object.fromEntries(read);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    console.error(`${cause.message}\n\n${usage}`);
    process.exit(USAGE_EXIT);
  }
}

function parse(kinds: Readonly<Record<string, Kind>>, argv: readonly string[]) {
  const options = Object.keys(kinds).map((name) => [name, { type: "flag" in kinds[name]! ? "boolean" : "string" }]);
  const { values } = parseArgs({
    args: [...argv],
    options: { ...Object.fromEntries(options), help: { type: "boolean" } },
  });
  return values as Readonly<Record<string, string | boolean | undefined>>;
}

function readOne(name: string, kind: Kind, given: string | boolean | undefined): unknown {
  if ("flag" in kind) return given === true;
  if ("text" in kind) return textOf(name, kind, given as string | undefined);
  if (given === undefined) return kind.number;
  const number = Number(given);
  const least = kind.least ?? 0;
  if (String(given).trim() === "" || !Number.isInteger(number) || number < least)
    throw new RangeError(`--${name} expects a whole number from ${least} on, not "${given}"`);
  return number;
}

function textOf(
  name: string,
  { text, words, list }: Extract<Kind, { text: unknown }>,
  given: string | undefined,
): string | undefined {
  if (given === undefined || words === undefined) return given ?? text;
  const wrong = (list ? given.split(",") : [given]).find((word) => !words.includes(word));
  if (wrong !== undefined)
    throw new RangeError(`--${name} expects ${list ? "some" : "one"} of ${words.join(", ")}, not "${wrong}"`);
  return given;
}

/**
 * What `work` answers; what it throws ends the program with its message, for the reader of a folder
 * that somebody named.
 */
export function orEnd<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : String(cause));
    process.exit(1);
  }
}
