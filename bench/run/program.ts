import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { imageStart } from "../../scripts/lib/image-start.mjs";

const ROOT = join(import.meta.dirname, "../..");

/** The program as the image has it: bundle, rules and a warm compile cache. */
export interface Program {
  readonly node: string;
  /** Node's options and the program's own file. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Assembles the program in `folder`, which must not exist yet. */
export function assemble(folder: string): Program {
  const { nodeOptions, env } = imageStart();
  execFileSync(process.execPath, [join(ROOT, "scripts/assemble.mjs"), folder], { stdio: "inherit" });
  execFileSync(process.execPath, [...nodeOptions, join(ROOT, "scripts/warm.mjs"), folder], { stdio: "inherit" });
  return {
    node: process.execPath,
    args: [...nodeOptions, join(folder, "dist/aftershock.mjs")],
    env: { ...env, NODE_ENV: "production", NODE_COMPILE_CACHE: join(folder, "cache") },
  };
}
