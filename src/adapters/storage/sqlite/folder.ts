import { access, mkdir, open, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type AftershockError, describeError } from "../../../core/model/error.ts";
import { full, unusable } from "../errors.ts";

const FILE = "aftershock.db";

/**
 * `f_type` of file systems that several machines share:
 * https://man7.org/linux/man-pages/man2/statfs.2.html
 */
const SHARED = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x517b, "SMB"],
  [0x01021997, "9p"],
  [0x00c36400, "Ceph"],
]);

/**
 * Path of the database in `folder`; makes both where they are missing, for this user alone. Rejects
 * when that cannot be, and when PGlite has written here.
 */
export async function prepareFolder(folder: string): Promise<string> {
  await makeFolder(folder);
  const file = join(folder, FILE);
  if (!(await exists(file)) && (await exists(join(folder, "db", "PG_VERSION")))) throw madeByPglite(folder);
  // SQLite gives the files beside it the same mode
  await (await open(file, "a", 0o600)).close().catch(() => undefined);
  await syncFolder(folder);
  return file;
}

/** What is wrong with where the folder lies, each with what to do. */
export async function checkFolder(folder: string): Promise<readonly string[]> {
  const { type } = await statfs(folder);
  const shared = SHARED.get(type);
  return shared === undefined
    ? []
    : [
        `${folder} lies on ${shared}, whose locks may not hold between machines: use a local disk or a block volume, or redis:// or postgres://`,
      ];
}

async function makeFolder(folder: string): Promise<void> {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncFolder(dirname(made));
  } catch (cause) {
    throw cannotBeMade(folder, cause);
  }
}

function cannotBeMade(folder: string, cause: unknown): AftershockError {
  const where = `embedded:${folder}`;
  if (cause instanceof Error && "code" in cause && cause.code === "ENOSPC")
    return full(where, describeError(cause), "free some space on that disk");
  return unusable(where, describeError(cause), "name a folder in storage.url that this user may write to");
}

/** A power cut can take a file away whose folder was not synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

/** Nothing is touched: the journal in it is somebody's. */
function madeByPglite(folder: string): AftershockError {
  return unusable(
    `embedded:${folder}`,
    "an older Aftershock wrote it with PGlite, which this one cannot read",
    `nothing was changed. With the version before run "aftershock journal export journal.jsonl", move ${folder} away, and with this version run "aftershock journal import journal.jsonl"`,
  );
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
