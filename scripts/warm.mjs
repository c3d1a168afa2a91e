/**
 * `node warm.mjs FOLDER`: loads every part of the bundle in FOLDER/dist once, so that FOLDER/cache
 * holds what Node made of it. With NODE_COMPILE_CACHE=FOLDER/cache the program then starts quicker
 * and smaller. The cache holds for this Node, this user and this path.
 */
import { readdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2] ?? ".");
enableCompileCache(join(folder, "cache"));
for (const name of readdirSync(join(folder, "dist"))) {
  // the sandbox begins to listen when it is loaded, and is no part of a deployment
  if (name.endsWith(".mjs") && name !== "sandbox.mjs") await import(pathToFileURL(join(folder, "dist", name)).href);
}
