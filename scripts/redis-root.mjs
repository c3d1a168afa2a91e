/**
 * `node scripts/redis-root.mjs FOLDER`: the file system of an image with the machine's
 * redis-server, for tests on a cluster that cannot pull one. Linux with glibc, as root.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Problem, report, say } from "./lib/problem.mjs";

/** Loaded by name when a host name is looked up, so that ldd does not see them. */
const NAME_SERVICES = ["libnss_dns.so.2", "libnss_files.so.2"];

function put(root, from, to) {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  copyFileSync(realpathSync(from), join(root, to));
}

/**
 * Copies a program to `path` in the image, with all shared libraries that it names, to where its
 * loader finds them.
 */
function putProgram(root, program, path) {
  put(root, program, path);
  chmodSync(join(root, path), 0o755);
  const named = execFileSync("ldd", [program], { encoding: "utf8" });
  const libraries = [...named.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library);
  for (const library of libraries) put(root, library, library);
  const folder = dirname(libraries.find((library) => library.includes("libc.so")) ?? "/lib/");
  for (const name of NAME_SERVICES)
    if (existsSync(join(folder, name))) put(root, join(folder, name), join(folder, name));
}

function putSystem(root) {
  for (const folder of ["tmp", "etc"]) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/:/none\nredis:x:999:999::/:/none\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nredis:x:999:\n");
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
}

try {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Problem("no folder is named", "node scripts/redis-root.mjs FOLDER");
  if (process.getuid?.() !== 0) throw new Problem("this needs root", "run it with sudo");
  const found = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path));
  if (found === undefined)
    throw new Problem("this machine has no redis-server", "install it: apt-get install redis-server");
  putSystem(resolve(folder));
  putProgram(resolve(folder), found, "/usr/bin/redis-server");
  say(`made ${folder}`);
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
