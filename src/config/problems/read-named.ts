import { dirname, resolve } from "node:path";
import { Secret, type SecretRef, sourceOf } from "../values/secret.ts";
import type { Path } from "./problem.ts";

/** Reports something wrong with the value at `path`. */
export type Report = (path: Path, message: string) => void;

/**
 * Text of a file that the configuration names at `path`; null when it cannot be read (and that was
 * reported).
 */
export type ReadNamed = (path: Path, name: string) => Promise<string | null>;

/** Reads files relative to the folder of the configuration file. */
export function namedFileReader(
  configFile: string,
  readFile: (path: string) => Promise<string>,
  report: Report,
): ReadNamed {
  return async (path, name) => {
    try {
      return await readFile(resolve(dirname(configFile), name));
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
      report(path, code === "ENOENT" ? `file ${name} does not exist` : `file ${name} cannot be read (${code})`);
      return null;
    }
  };
}

/**
 * Reads one secret; null when it is not there (and that was reported). Surrounding white space is
 * dropped, as editors leave some.
 */
export async function readSecret(
  path: Path,
  ref: SecretRef,
  env: Readonly<Record<string, string | undefined>>,
  read: ReadNamed,
  report: Report,
): Promise<Secret | null> {
  const text = "env" in ref ? (env[ref.env] ?? "") : await read(path, ref.file);
  if (text === null) return null;
  const value = text.trim();
  if (value === "") {
    report(path, `${sourceOf(ref)} is ${"env" in ref && env[ref.env] === undefined ? "not set" : "empty"}`);
    return null;
  }
  if ("env" in ref) return new Secret(value, sourceOf(ref));
  return new Secret(value, sourceOf(ref), async () => (await read(path, ref.file))?.trim() ?? null);
}
