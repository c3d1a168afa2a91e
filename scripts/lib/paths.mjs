import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Top folder of the project. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What is brought for this checkout alone: the current Node, locks. Ignored by git. */
export const TOOLCHAIN = join(ROOT, ".toolchain");
export const DIST = join(ROOT, "dist");
export const NODE_MODULES = join(ROOT, "node_modules");
