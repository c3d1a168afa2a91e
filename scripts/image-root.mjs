/**
 * `node scripts/image-root.mjs FOLDER`: the file system of an image, for a machine without Docker:
 * FOLDER/aftershock with the program and the Node that runs this script, FOLDER/redis with the
 * machine's redis-server. Linux with glibc, as root (it warms the compile cache in a chroot, as the
 * image's user). See deploy/Dockerfile for the image that is published.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { imageStart } from "./lib/image-start.mjs";
import { ROOT } from "./lib/paths.mjs";
import { Problem, report, say } from "./lib/problem.mjs";

/** The user of the Deployment and the CronJob. */
const USER = 1000;
/** Loaded by name when a host name is looked up, so that ldd does not see them. */
const NAME_SERVICES = ["libnss_dns.so.2", "libnss_files.so.2"];

/** Nothing of this machine's environment concerns what runs inside the image. */
const ENVIRONMENT = { PATH: process.env.PATH };

const run = (program, ...args) =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], env: ENVIRONMENT });

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
  const libraries = [...run("ldd", program).matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library);
  for (const library of libraries) put(root, library, library);
  const folder = dirname(libraries.find((library) => library.includes("libc.so")) ?? "/lib/");
  for (const name of NAME_SERVICES)
    if (existsSync(join(folder, name))) put(root, join(folder, name), join(folder, name));
}

function putSystem(root) {
  for (const folder of ["tmp", "etc"]) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  writeFileSync(join(root, "etc/passwd"), `root:x:0:0::/:/none\naftershock:x:${USER}:${USER}::/app:/none\n`);
  writeFileSync(join(root, "etc/group"), `root:x:0:\naftershock:x:${USER}:\n`);
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
}

function programImage(root) {
  putSystem(root);
  putProgram(root, process.execPath, "/usr/local/bin/node");
  run(process.execPath, join(ROOT, "scripts/assemble.mjs"), join(root, "app"));
  copyFileSync(join(ROOT, "scripts/warm.mjs"), join(root, "tmp/warm.mjs"));
  mkdirSync(join(root, "app/cache"));
  chownSync(join(root, "app/cache"), USER, USER);
  run(
    "chroot",
    `--userspec=${USER}:${USER}`,
    root,
    "/usr/local/bin/node",
    ...imageStart().nodeOptions,
    "/tmp/warm.mjs",
    "/app",
  );
  execFileSync("rm", [join(root, "tmp/warm.mjs")]);
}

function redisImage(root) {
  const found = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path));
  if (found === undefined)
    throw new Problem("this machine has no redis-server", "install it: apt-get install redis-server");
  putSystem(root);
  putProgram(root, found, "/usr/bin/redis-server");
}

try {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Problem("no folder is named", "node scripts/image-root.mjs FOLDER");
  if (process.getuid?.() !== 0) throw new Problem("this needs root", "run it with sudo");
  programImage(join(resolve(folder), "aftershock"));
  redisImage(join(resolve(folder), "redis"));
  say(`made ${join(folder, "aftershock")} and ${join(folder, "redis")}`);
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
