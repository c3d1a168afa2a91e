import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFile } from "../../src/adapters/system/lock.ts";
import { openAt } from "./storage.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const CACHE = join(ROOT, "node_modules", ".cache", "aftershock-embedded");

/** A new folder with an embedded store that was opened before and is empty. The first start takes seconds: it is done once a machine. */
export async function embeddedFolder(): Promise<string> {
  const template = await madeOnce();
  const folder = await mkdtemp(join(tmpdir(), "aftershock-embedded-"));
  await cp(join(template, "db"), join(folder, "db"), { recursive: true });
  return folder;
}

async function madeOnce(): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  const template = join(CACHE, await versions());
  for (;;) {
    const lock = await lockFile(join(CACHE, "lock.db"));
    if (lock === null) {
      await sleep(100);
      continue;
    }
    try {
      if (!(await exists(template))) {
        await rm(`${template}.new`, { recursive: true, force: true });
        await (await openAt(`embedded:${template}.new`, "template")).close();
        await rename(`${template}.new`, template);
      }
      return template;
    } finally {
      lock.release();
    }
  }
}

const exists = (folder: string): Promise<boolean> =>
  readFile(join(folder, "db", "PG_VERSION")).then(
    () => true,
    () => false,
  );

/** A new version of either package may make another database. */
async function versions(): Promise<string> {
  const names = ["@electric-sql/pglite", "bullmq"];
  const packages = names.map((name) => readFile(join(ROOT, "node_modules", name, "package.json"), "utf8"));
  return (await Promise.all(packages)).map((text) => String(JSON.parse(text).version)).join("-");
}
