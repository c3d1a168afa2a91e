import { posix } from "node:path";
import type { Facts } from "./source.ts";

interface ReadFile {
  readonly path: string;
  readonly facts: Pick<Facts, "imports">;
}

/** One module of a folder: a subfolder, or a file that lies in the folder itself. */
export interface Module {
  readonly name: string;
  /** 1 when it imports no other module of the folder, else one more than the highest of those. */
  readonly level: number;
  readonly needs: readonly string[];
}

export interface Modules {
  /** Sorted by level, then by name. */
  readonly modules: readonly Module[];
  /** The highest level; `Infinity` when modules import each other in a circle. */
  readonly depth: number;
  /** Each pair of modules of which one imports the other, as `a → b`. */
  readonly imports: readonly string[];
  readonly largest: { readonly folder: string; readonly files: number };
}

/** The modules of `folder`, from the imports of its files (types included). */
export function modulesOf(folder: string, files: readonly ReadFile[]): Modules {
  const inside = files.filter(({ path }) => path.startsWith(`${folder}/`));
  const needs = new Map<string, Set<string>>();
  for (const { path, facts } of inside) {
    const from = moduleOf(folder, path);
    const targets = facts.imports
      .filter((name) => name.startsWith("."))
      .map((name) => posix.join(posix.dirname(path), name))
      .filter((target) => target.startsWith(`${folder}/`))
      .map((target) => moduleOf(folder, target))
      .filter((target) => target !== from);
    needs.set(from, new Set([...(needs.get(from) ?? []), ...targets]));
  }
  const modules = [...needs]
    .map(([name, of]) => ({ name, level: levelOf(name, needs, []), needs: [...of].sort() }))
    .sort((a, b) => a.level - b.level || a.name.localeCompare(b.name));
  return {
    modules,
    depth: Math.max(0, ...modules.map(({ level }) => level)),
    imports: modules.flatMap(({ name, needs: of }) => of.map((target) => `${name} → ${target}`)),
    largest: filesByFolder(inside)[0] ?? { folder, files: 0 },
  };
}

/** Folders and how many files lie in each itself, the largest first. */
export function filesByFolder(files: readonly { readonly path: string }[]): { folder: string; files: number }[] {
  return [...Map.groupBy(files, ({ path }) => posix.dirname(path))]
    .map(([folder, of]) => ({ folder, files: of.length }))
    .sort((a, b) => b.files - a.files || a.folder.localeCompare(b.folder));
}

/**
 * Pairs of modules that need each other, directly or through others: an import between them runs
 * upward.
 */
export const upwardImports = ({ modules }: Modules): string[] => {
  const level = new Map(modules.map((one) => [one.name, one.level]));
  return modules.flatMap(({ name, needs }) =>
    needs
      .filter((target) => level.get(name) === Infinity && level.get(target) === Infinity)
      .map((t) => `${name} → ${t}`),
  );
};

const moduleOf = (folder: string, path: string): string => path.slice(folder.length + 1).split("/")[0]!;

function levelOf(name: string, needs: ReadonlyMap<string, ReadonlySet<string>>, trail: readonly string[]): number {
  if (trail.includes(name)) return Infinity;
  const below = [...(needs.get(name) ?? [])].map((next) => levelOf(next, needs, [...trail, name]));
  return 1 + Math.max(0, ...below);
}
