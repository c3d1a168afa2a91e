import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { BUNDLE } from "../../scripts/lib/bundle.mjs";
import { ROOT } from "../../scripts/lib/paths.mjs";

/**
 * A module of `src/views`, bundled like the product: Node reads no JSX. The file is gone when it
 * has been read.
 * @param path from the root of the repository
 * @example const { createWeb } = await viewsModule<typeof import("../../src/views/web.tsx")>("src/views/web.tsx")
 */
export async function viewsModule<Module>(path: string): Promise<Module> {
  const folder = mkdtempSync(join(ROOT, "node_modules/.views-"));
  try {
    const outfile = join(folder, "module.mjs");
    await build({ ...BUNDLE, splitting: false, entryPoints: [path], outfile, logLevel: "warning" });
    return (await import(pathToFileURL(outfile).href)) as Module;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
