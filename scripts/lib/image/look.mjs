import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `e_machine` of an ELF header: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
 */
const MACHINES = { 62: "amd64", 183: "arm64" };

/** The architecture of a program for Linux, by its ELF header. */
export function architectureOf(file) {
  const header = readFileSync(file).subarray(0, 20);
  if (header.readUInt32BE(0) !== 0x7f454c46) throw new Error(`${file} is no ELF file`);
  return MACHINES[header.readUInt16LE(18)] ?? "another";
}

/**
 * What an OCI archive holds, unpacked to `folder`.
 * @returns {{ bytes: number, config: object, root: string }} compressed bytes of all layers, the
 * image's configuration, and the folder of its files
 */
export function look(archive, folder) {
  const [layout, root] = [join(folder, "layout"), join(folder, "root")];
  for (const path of [layout, root]) mkdirSync(path, { recursive: true });
  execFileSync("tar", ["-x", "-f", archive, "-C", layout]);
  const blob = (digest) => join(layout, "blobs", ...digest.split(":"));
  const json = (path) => JSON.parse(readFileSync(path, "utf8"));
  const manifest = json(blob(json(join(layout, "index.json")).manifests[0].digest));
  for (const { digest } of manifest.layers) execFileSync("tar", ["-x", "-z", "-f", blob(digest), "-C", root]);
  return {
    bytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
    config: json(blob(manifest.config.digest)),
    root,
  };
}
