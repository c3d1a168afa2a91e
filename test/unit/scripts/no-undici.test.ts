import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUNDLE } from "../../../scripts/lib/bundle.mjs";

const ROOT = join(import.meta.dirname, "..", "..", "..");
let folder: string;
beforeAll(() => {
  mkdirSync(join(ROOT, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(ROOT, "node_modules/.cache/no-undici-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether a bundle that imports `module` makes Node load its own undici. */
async function loads(module: string): Promise<boolean> {
  const entry = join(folder, "entry.ts");
  writeFileSync(
    entry,
    `import * as all from ${JSON.stringify(join(ROOT, module))};
    globalThis.kept = all;
    console.log(process.moduleLoadList.some((name) => name.includes("deps/undici")));`,
  );
  const outdir = join(folder, "out");
  await build({ ...BUNDLE, entryPoints: { entry }, outdir, logLevel: "error" });
  return execFileSync(process.execPath, [join(outdir, "entry.mjs")], { encoding: "utf8" }).trim() === "true";
}

test.each(["src/main/web/serve.ts", "src/adapters/prometheus/source.ts", "src/main/wire.ts"])(
  "%s does not make Node load its own undici",
  async (module) => {
    expect(await loads(module)).toBe(false);
  },
);

test("what makes pages does: the check can fail", async () => {
  expect(await loads("src/main/web/pages.ts")).toBe(true);
});
