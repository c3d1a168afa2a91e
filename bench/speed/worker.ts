import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { BUNDLE } from "../../scripts/lib/bundle.mjs";
import { imageStart } from "../../scripts/lib/image-start.mjs";
import { ROOT } from "../../scripts/lib/paths.mjs";

/** What `resident.ts` prints. */
export interface Resident {
  readonly idle: Cost;
  readonly load: Cost;
  readonly first: Cost;
  readonly again: readonly Cost[];
  readonly rss_before_mib: number;
  readonly rss_mib: number;
  readonly rss_peak_mib: number;
}
export interface Cost {
  readonly ms: number;
  readonly blockMs: number;
  readonly blockCpuMs: number;
}

/**
 * Runs the remembering and judging part of a worker on the history in `folder`, bundled as the
 * product is: sources weigh more.
 */
export async function measureResident(folder: string): Promise<Resident> {
  // Packages that stay outside the bundle are found from here.
  const out = mkdtempSync(join(ROOT, "node_modules", ".cache-speed-"));
  try {
    await build({
      ...BUNDLE,
      entryPoints: {
        resident: fileURLToPath(new URL("resident.ts", import.meta.url)),
        "judge-thread": "src/adapters/system/judge/thread.ts",
      },
      outdir: out,
      logLevel: "error",
    });
    const { nodeOptions, env } = imageStart();
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...nodeOptions, join(out, "resident.mjs"), folder],
      {
        encoding: "utf8",
        env: { ...process.env, ...env },
      },
    );
    if (status !== 0) throw new Error(`the resident part ended with ${status}: ${stderr}`);
    return JSON.parse(stdout) as Resident;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
