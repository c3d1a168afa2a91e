import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { RawCase, RawPlacebo } from "./format.ts";
import { type IndexEntry, parseCase, parseJson, unreadable } from "./parse-case.ts";

export interface DataSet {
  readonly name: string;
  readonly cases: readonly RawCase[];
  readonly placebos: readonly RawPlacebo[];
}

const readJson = (path: string): unknown => {
  const bytes = readFileSync(path);
  return parseJson((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
};

/** One case; a file that cannot be read is a case of which nothing is known, with the reason. */
function readCase(folder: string, entry: IndexEntry): RawCase {
  try {
    return parseCase(readJson(join(folder, entry.file ?? `${entry.id}.json.gz`)), entry);
  } catch (cause) {
    return unreadable(entry, cause instanceof Error ? cause.message.replaceAll(folder, "…") : String(cause));
  }
}

/** Placebos lie beside the sets, or inside one. */
function readPlacebos(folder: string, set: string): RawPlacebo[] {
  const path = [join(folder, "placebos.json"), join(dirname(resolve(folder)), "placebos.json")].find(existsSync);
  return path === undefined ? [] : (readJson(path) as RawPlacebo[]).filter((p) => p.set === set);
}

function readSet(folder: string): DataSet {
  const name = basename(resolve(folder));
  const index = readJson(join(folder, "index.json"));
  if (!Array.isArray(index)) throw new Error(`index.json of ${name} must be a list of cases`);
  const entries = index.filter((e: IndexEntry | null): e is IndexEntry => typeof e?.id === "string");
  const cases = entries.map((entry) => readCase(folder, entry)).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { name, cases, placebos: readPlacebos(folder, name) };
}

/**
 * Data sets under `path`: itself when it has an `index.json`, else each folder in it that has one.
 * @throws Error when there is none, or when an index is no list
 */
export function readSets(path: string): DataSet[] {
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new Error(`${path} is no folder: name the one with the recordings`);
  if (existsSync(join(path, "index.json"))) return [readSet(path)];
  const folders = readdirSync(path)
    .map((name) => join(path, name))
    .filter((folder) => statSync(folder).isDirectory() && existsSync(join(folder, "index.json")))
    .sort();
  if (folders.length === 0) throw new Error(`no index.json in ${path} nor in any folder of it`);
  return folders.map(readSet);
}
