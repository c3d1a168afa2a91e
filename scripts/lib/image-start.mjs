import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

/**
 * How the image starts the program, read from deploy/Dockerfile: what is measured and warmed is
 * what users run.
 * @returns {{ nodeOptions: readonly string[], env: Readonly<Record<string, string>> }} Node's
 * options before the program's own file, and what is set for memory
 * @throws Error when it has no entry point of the known form
 */
export function imageStart() {
  const text = readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8");
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1];
  if (entry === undefined) throw new Error("deploy/Dockerfile: no ENTRYPOINT as a JSON list");
  const [, ...rest] = JSON.parse(entry);
  const malloc = [...text.matchAll(/\b(MALLOC_\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]);
  return { nodeOptions: rest.filter((part) => part.startsWith("--")), env: Object.fromEntries(malloc) };
}
