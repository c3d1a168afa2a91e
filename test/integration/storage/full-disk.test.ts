import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runProcess } from "../../support/storage.ts";

/**
 * A small disk of its own for one process: a tmpfs in a mount namespace, which also users may make
 * on most Linux machines.
 */
const inSmallDisk = (folder: string): string[] => [
  "unshare",
  ...["--user", "--map-root-user", "--mount", "--propagation", "private", "sh", "-c"],
  'mount -t tmpfs -o size=12m none "$0" && exec "$@"',
  folder,
];
const possible = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "true"]).status === 0;
const required = process.env.AFTERSHOCK_REQUIRE_ALL === "1";
const describeOnLinux = possible || required ? describe : describe.skip;

describeOnLinux(
  `the embedded store on a full disk${possible ? "" : " (skipped: no mount namespace may be made here)"}`,
  () => {
    test("refuses to write while there is no room, keeps what it has, and goes on when there is room again", async () => {
      const folder = await mkdtemp(join(tmpdir(), "aftershock-disk-"));
      const filler = runProcess("fill", `embedded:${folder}/data`, "prod", inSmallDisk(folder));
      const lines: string[] = [];
      while (lines.at(-1) !== "done") lines.push(await filler.line());
      expect(await filler.ended).toBe(0);
      expect(lines).toEqual([
        "append: storage-full, retryable",
        "save: storage-full, retryable",
        "open another: storage-full, retryable",
        "while it is full: all is there",
        "appended, wake-up handled",
        "after a restart: all is there",
        "done",
      ]);
      await rm(folder, { recursive: true, force: true });
    }, 60_000);
  },
);
