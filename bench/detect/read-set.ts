import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { gunzipSync } from "node:zlib";
import type { CaseHead, RawCase, RawPlacebo } from "./format.ts";
import { type IndexEntry, parseCase, parseJson, unreadable } from "./parse-case.ts";

/**
 * A data set. Telemetry is read when it is asked for and kept by nobody here: a set may be larger
 * than memory.
 */
export interface DataSet {
  readonly name: string;
  readonly cases: readonly CaseHead[];
  readonly placebos: readonly RawPlacebo[];
  /** What of the index or of the placebos could not be used, one sentence each. */
  readonly notes: readonly string[];
  /** @throws Error when the file has changed into one that cannot be read */
  load(head: CaseHead): RawCase;
}

/** @throws Error that names the file and what is wrong with it */
function readJson(path: string): unknown {
  try {
    const bytes = readFileSync(path);
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return parseJson((packed ? gunzipSync(bytes) : bytes).toString("utf8"));
  } catch (cause) {
    throw new Error(`${path}: ${whatToDo(cause)}`, { cause });
  }
}

function whatToDo(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file: is `file` of the index right, was all of it unpacked? (ENOENT)";
  if (code === "Z_BUF_ERROR" || code === "Z_DATA_ERROR")
    return `cut off or damaged gzip (${cause.message}): fetch it again`;
  if (cause instanceof SyntaxError) return `no valid JSON (${cause.message}): is the file complete?`;
  return cause.message;
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

/** Where a case lies: what its index entry says, or its id. */
function fileOf(folder: string, { id, file }: IndexEntry): string {
  if (file !== undefined && file !== null && typeof file !== "string")
    throw new Error(`index.json: \`file\` of ${id} must be a path`);
  if (typeof file === "string") return join(folder, file);
  return (
    [`${id}.json.gz`, `${id}.json`].map((name) => join(folder, name)).find(existsSync) ?? join(folder, `${id}.json.gz`)
  );
}

/** One case; a file that cannot be read is a case of which nothing is known, with the reason. */
function readHead(folder: string, entry: IndexEntry): CaseHead {
  try {
    const { series: _, ...head } = parseCase(readJson(fileOf(folder, entry)), entry);
    return head;
  } catch (cause) {
    return unreadable(entry, cause instanceof Error ? cause.message.replaceAll(folder, "…") : String(cause));
  }
}

/** The entries of an index that name a case, each id once. */
function entriesOf(index: readonly unknown[]): { entries: IndexEntry[]; notes: string[] } {
  const byId = new Map<string, IndexEntry>();
  const notes: string[] = [];
  index.forEach((raw, i) => {
    const id = isObject(raw) ? (typeof raw.id === "number" ? String(raw.id) : raw.id) : undefined;
    if (!isObject(raw) || typeof id !== "string" || id === "")
      notes.push(`index.json, entry ${i + 1}: left out, it must be an object with the text \`id\``);
    else if (byId.has(id)) notes.push(`index.json, entry ${i + 1}: left out, ${id} was there before`);
    else byId.set(id, { ...raw, id });
  });
  return { entries: [...byId.values()], notes };
}

/** Placebos lie inside a set, or beside the sets up to the folder that was named. */
function readPlacebos(folder: string, root: string, set: string): { placebos: RawPlacebo[]; notes: string[] } {
  const path = upwards(folder, root)
    .map((at) => join(at, "placebos.json"))
    .find(existsSync);
  if (path === undefined) return { placebos: [], notes: [] };
  const raw = readJson(path);
  if (!Array.isArray(raw)) throw new Error(`${path}: must be a list of {id, set, record, t0, like}`);
  const mine = raw.filter((p) => !isObject(p) || p.set === set);
  const good = mine.filter(isPlacebo);
  const wrong = mine.length - good.length;
  const byId = new Map(good.map((p) => [p.id, p]));
  return {
    placebos: [...byId.values()].sort((a, b) => a.t0 - b.t0 || (a.id < b.id ? -1 : 1)),
    notes: [
      ...(wrong === 0
        ? []
        : [`placebos.json: ${wrong} left out: each needs the texts id, set, record and like, and the number t0`]),
      ...(byId.size === good.length
        ? []
        : [`placebos.json: ${good.length - byId.size} left out: their ids come twice`]),
    ],
  };
}

function isPlacebo(p: unknown): p is RawPlacebo {
  if (!isObject(p)) return false;
  return [p.id, p.record, p.like].every((x) => typeof x === "string") && typeof p.t0 === "number";
}

/** The folder itself, those above it up to `root`, and the one beside which `root` lies. */
function upwards(folder: string, root: string): string[] {
  const [last, from] = [dirname(resolve(root)), resolve(folder)];
  const all = [from];
  while (all.at(-1) !== last && dirname(all.at(-1)!) !== all.at(-1)) all.push(dirname(all.at(-1)!));
  return all;
}

/** Cases of which nothing is known come first. */
const timeOf = ({ firstS }: CaseHead): number => (Number.isFinite(firstS) ? firstS : -Number.MAX_VALUE);

function readSet(folder: string, root: string): DataSet {
  const inside = relative(root, folder).split(sep).join("/");
  const name = inside === "" ? basename(resolve(folder)) : inside;
  const path = join(folder, "index.json");
  const index = readJson(path);
  if (!Array.isArray(index))
    throw new Error(`${path}: the index must be a list of cases, [{"id": …, "file": …, "fault": …}, …]`);
  const { entries, notes } = entriesOf(index);
  if (entries.length === 0) throw new Error(`${path}: the index names no case: each entry needs the text \`id\``);
  const byId = new Map(entries.map((e) => [e.id, e]));
  // By time, and not by name, so that what is called otherwise is not judged otherwise.
  const cases = entries
    .map((entry) => readHead(folder, entry))
    .sort((a, b) => timeOf(a) - timeOf(b) || (a.t0 ?? 0) - (b.t0 ?? 0) || (a.id < b.id ? -1 : 1));
  const { placebos, notes: notesOfPlacebos } = readPlacebos(folder, root, name);
  return {
    name,
    cases,
    placebos,
    notes: [...notes, ...notesOfPlacebos],
    load: (head) => {
      const entry = byId.get(head.id)!;
      return parseCase(readJson(fileOf(folder, entry)), entry);
    },
  };
}

/** Folders with an index, from `path` downwards. */
function foldersWithIndex(path: string): string[] {
  const below = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(path, entry.name))))
    .flatMap((entry) => (entry.name === "node_modules" ? [] : foldersWithIndex(join(path, entry.name))))
    .sort();
  return existsSync(join(path, "index.json")) ? [path, ...below] : below;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/**
 * Data sets under `path`: each folder from it downwards that has an `index.json`. A set is called
 * as its folder, from `path` on.
 * @throws Error when there is none, or when an index is no list, naming the file
 */
export function readSets(path: string): DataSet[] {
  if (!isFolder(path)) throw new Error(`${path} is no folder: name the one with the recordings`);
  const folders = foldersWithIndex(path);
  if (folders.length === 0)
    throw new Error(`no index.json in ${path} nor in any folder of it: name a folder with index.json and *.json.gz`);
  return folders.map((folder) => readSet(folder, path));
}
