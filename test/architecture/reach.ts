import { posix } from "node:path";
import type { Facts } from "./source.ts";

interface ReadFile {
  readonly path: string;
  readonly facts: Pick<Facts, "imports" | "lazyImports">;
}

/**
 * Everything that `path` brings with it when it is loaded, itself and types included; what is
 * loaded later is not. Packages go by their names.
 */
export function reachOf(path: string, files: readonly ReadFile[]): ReadonlySet<string> {
  const known = new Map(files.map((file) => [file.path, file.facts]));
  const reached = new Set<string>();
  const visit = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    const { imports, lazyImports } = known.get(name) ?? { imports: [], lazyImports: [] };
    for (const next of imports.filter((one) => !lazyImports.includes(one)))
      visit(next.startsWith(".") ? posix.join(posix.dirname(name), next) : next);
  };
  visit(path);
  return reached;
}
