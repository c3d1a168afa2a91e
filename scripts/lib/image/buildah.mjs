import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../problem.mjs";

/** Where Debian keeps the machine's CA roots; a registry behind a proxy needs them. */
const CA_ROOTS = "/etc/ssl/certs/ca-certificates.crt";

/** Overlays are many times cheaper than copies, and do not lie on another overlay. */
function driverFor(folder) {
  const type = execFileSync("stat", ["--file-system", "--format=%T", folder], { encoding: "utf8" }).trim();
  return type.startsWith("overlay") ? "vfs" : "overlay";
}

/** Takes away what buildah left mounted below `folder`, the innermost first. */
export function release(folder) {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const path of mounts.filter((mount) => mount.startsWith(`${folder}/`)).reverse())
    execFileSync("umount", [path], { stdio: "ignore" });
}

/**
 * buildah with storage of its own in `folder`: nothing is pulled, and the machine's images stay as
 * they are.
 */
export function buildahIn(folder) {
  const storage = [
    "--root",
    join(folder, "storage"),
    "--runroot",
    join(folder, "run"),
    "--storage-driver",
    driverFor(folder),
  ];
  const buildah = (...args) => {
    try {
      return execFileSync("buildah", [...storage, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 2 ** 26,
      });
    } catch (cause) {
      if (cause.code === "ENOENT") throw new Problem("this machine has no buildah", "apt-get install buildah crun");
      throw new Problem(`buildah ${args[0]} failed:\n${cause.stdout}\n${cause.stderr}`, "mend what it names");
    }
  };
  const platform = (architecture) => ["--platform", `linux/${architecture}`];

  return {
    /** An image `name` that holds the archive `file` and nothing else. */
    base(name, architecture, file, context) {
      mkdirSync(context, { recursive: true });
      writeFileSync(join(context, "Dockerfile"), "FROM scratch\nADD base.tar /\nENV PATH=/usr/local/bin:/usr/bin\n");
      execFileSync("ln", ["-f", file, join(context, "base.tar")]);
      buildah("bud", ...platform(architecture), "-t", name, context);
    },
    /**
     * Builds a Dockerfile; with `contexts` the stages of these names are taken from folders.
     * @param {{ name: string, architecture: string, source: string, args: Record<string, string>,
     * contexts?: Record<string, string> }} what
     */
    build({ name, architecture, source, args, contexts = {} }) {
      const npmrc = join(folder, "npmrc");
      writeFileSync(npmrc, existsSync(CA_ROOTS) ? `cafile=${CA_ROOTS}\n` : "");
      const mounts = [npmrc, CA_ROOTS].filter((path) => existsSync(path));
      const at = (path) => (path === npmrc ? "/root/.npmrc" : path);
      return buildah(
        "bud",
        ...platform(architecture),
        ...["--isolation", "chroot", "--pull-never", "-t", name, "-f", join(source, "deploy/Dockerfile")],
        ...mounts.flatMap((path) => ["-v", `${path}:${at(path)}:ro`]),
        ...Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
        ...Object.entries(contexts).flatMap(([key, value]) => ["--build-context", `${key}=${value}`]),
        source,
      );
    },
    /** The image as an OCI archive in `file`, its layers gzip'd. */
    push: (name, file, tag) => buildah("push", "--compression-format", "gzip", name, `oci-archive:${file}:${tag}`),
  };
}
