import { posix } from "node:path";
import type { Facts } from "./source.ts";

interface ReadFile {
  readonly path: string;
  readonly facts: Pick<Facts, "imports">;
}

/**
 * Files that need each other, types included, each circle as `a.ts → b.ts → a.ts`: none of them can
 * be read alone.
 */
export function circles(files: readonly ReadFile[]): string[] {
  const needs = new Map(files.map(({ path, facts }) => [path, neededBy(path, facts)]));
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const next of needs.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

const neededBy = (path: string, { imports }: ReadFile["facts"]): string[] =>
  imports.filter((name) => name.startsWith(".")).map((name) => posix.join(posix.dirname(path), name));
