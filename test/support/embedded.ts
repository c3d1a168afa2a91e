import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty folder for an embedded store. */
export const embeddedFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "aftershock-embedded-"));
