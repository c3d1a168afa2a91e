import { statfs } from "node:fs/promises";
import type { AftershockError } from "../../../core/model/error.ts";
import { full, unavailable, unusable } from "../errors.ts";
import type { Failure } from "./calls.ts";

/** Primary result codes: https://www.sqlite.org/rescode.html */
const BUSY = 5;
const READONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/**
 * Less room than this, and an error of input or output is one of a full disk: the shared memory
 * beside the log needs 32 KiB.
 */
const NO_ROOM_BYTES = 256 * 1024;

/** What SQLite said of the database in `folder`, in our words. */
export async function storeError(folder: string, { code, message }: Failure): Promise<AftershockError | RangeError> {
  const where = `embedded:${folder}`;
  const primary = code === null ? null : code & 0xff;
  const noRoom = primary === FULL || ((primary === IO_ERROR || primary === CANNOT_OPEN) && (await isFull(folder)));
  if (noRoom) return full(where, message, "free some space on that disk; nothing was lost, and work goes on by itself");
  switch (primary) {
    case BUSY:
      return unavailable(where, message, "another process holds it for long: stop that process, or wait for it");
    case IO_ERROR:
      return unavailable(where, message, "check the disk: the operating system reported an error");
    case READONLY:
    case CANNOT_OPEN:
      return unusable(where, message, "name a folder in storage.url that this user may write to");
    case CORRUPT:
    case NOT_A_DATABASE:
      return unusable(where, message, "move the folder away to start anew, or restore it from a copy");
    case null:
      return unusable(where, message, "use the newest Aftershock that has written here, or another folder");
    default:
      return unusable(where, message, "this is a defect of Aftershock: please report it");
  }
}

async function isFull(folder: string): Promise<boolean> {
  const disk = await statfs(folder).catch(() => null);
  return disk !== null && disk.bavail * disk.bsize < NO_ROOM_BYTES;
}
