import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Path, Problem } from "./problem.ts";

/** Longest configuration that is read, in characters: a ConfigMap holds 1 MiB at most. */
const MAX_CHARS = 1_048_576;
/** How often aliases may be followed; a file that needs more is an attack on the memory. */
const MAX_ALIASES = 100;

/** A YAML file as plain data, with the way back to its lines. */
export interface Yaml {
  /** Undefined when the file could not be read at all. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** Line (from 1) of the value at `path`, or of the nearest thing around it that the file has. */
  lineOf(path: Path): number | null;
}

/**
 * Reads one YAML 1.2 document that is a map with at least `keys`. Every problem is in the answer;
 * nothing is thrown.
 */
export function readYaml(text: string, keys = "`cluster`, `prometheus` and `policies`"): Yaml {
  if (text.length > MAX_CHARS) return nothing(`the file has ${text.length} characters; at most ${MAX_CHARS} are read`);
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const problems = [...doc.errors, ...doc.warnings].map(
    (error): Problem => ({
      path: [],
      line: lines.linePos(error.pos[0]).line,
      message: explain(error.code, error.message),
    }),
  );
  if (doc.contents === null || (isScalar(doc.contents) && doc.contents.value === null)) {
    return nothing(`the file is empty; expected at least ${keys}`, problems);
  }
  // A file that is broken in its structure would only be misunderstood further.
  if (doc.errors.some((error) => error.code !== "DUPLICATE_KEY"))
    return { data: undefined, problems, lineOf: () => null };
  if (!isMap(doc.contents)) return nothing("expected keys and values at the top of the file", problems);
  try {
    const data: unknown = doc.toJS({ maxAliasCount: MAX_ALIASES });
    return { data, problems, lineOf: (path) => lineOf(doc, lines, path) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const bomb = why.startsWith("Excessive alias count");
    return nothing(bomb ? `the aliases of this file unfold to more than ${MAX_ALIASES} copies` : why, problems);
  }
}

function nothing(message: string, before: readonly Problem[] = []): Yaml {
  const problems = [...before, { path: [], line: null, message }];
  return { data: undefined, problems, lineOf: () => null };
}

/** The library's words where they are clear, ours where they are not. */
function explain(code: string, message: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "this key stands twice in the same map; the first would be lost";
    case "MULTIPLE_DOCS":
      return "a second document begins here; one file holds one configuration";
    case "TAG_RESOLVE_FAILED":
      return `${message}; tags are not used in a configuration`;
    case "TAB_AS_INDENT":
      return "a tab stands where spaces are expected";
    default:
      return message;
  }
}

function lineOf(doc: Document, lines: LineCounter, path: Path): number | null {
  for (let depth = path.length; depth > 0; depth--) {
    const offset = offsetOf(doc, path.slice(0, depth));
    if (offset !== null) return lines.linePos(offset).line;
  }
  return null;
}

/** Where the key (of a map) or the item (of a list) at `path` begins. */
function offsetOf(doc: Document, path: Path): number | null {
  const key = path.at(-1);
  const parent = path.length === 1 ? doc.contents : doc.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    return pair !== undefined && isScalar(pair.key) ? (pair.key.range?.[0] ?? null) : null;
  }
  const node = doc.getIn(path, true);
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : null;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : null;
}
