import { readFileSync } from "node:fs";

/** How the image starts the program: measured is what users run. */
export interface ImageStart {
  /** Options of Node, before the program's own file. */
  readonly nodeOptions: readonly string[];
  /** What the image sets for memory. */
  readonly env: Readonly<Record<string, string>>;
}

/** Read from deploy/Dockerfile. @throws Error when it has no entry point of the known form */
export function imageStart(): ImageStart {
  const text = readFileSync(new URL("../../deploy/Dockerfile", import.meta.url), "utf8");
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1];
  if (entry === undefined) throw new Error("deploy/Dockerfile: no ENTRYPOINT as a JSON list");
  const [, ...rest] = JSON.parse(entry) as string[];
  const malloc = [...text.matchAll(/\b(MALLOC_\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]);
  return { nodeOptions: rest.filter((part) => part.startsWith("--")), env: Object.fromEntries(malloc) };
}
