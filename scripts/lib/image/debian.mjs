import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/**
 * What Node's binary needs, CA roots, time zones and the names of ports: as in distroless' `cc`.
 */
const RUNTIME = [
  "base-files",
  "ca-certificates",
  "gcc-12-base",
  "libc6",
  "libgcc-s1",
  "libstdc++6",
  "netbase",
  "tzdata",
];
/** A shell and `mkdir` for the stage that builds. */
const SHELL = ["coreutils", "dash", "libacl1", "libattr1", "libgmp10", "libpcre2-8-0", "libselinux1"];
/** Folders that Debian has merged into /usr. */
const MERGED = ["bin", "lib", "sbin", "lib64"];

const run = (program, args, options = {}) =>
  execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"], maxBuffer: 2 ** 28, ...options });

/**
 * Fetches the newest packages of Debian for `architecture` ("amd64", "arm64") into `folder`, by
 * lists of its own: the machine's packages and architectures stay as they are.
 * @returns {{ runtime: string[], shell: string[] }} the archives
 */
export function fetchPackages(architecture, folder) {
  for (const name of ["state/lists/partial", "cache/archives/partial", "packages"])
    mkdirSync(join(folder, name), { recursive: true });
  const packages = join(folder, "packages");
  const apt = (...args) =>
    run(
      "apt-get",
      [
        ...["-qq", "-o", `Dir::State=${join(folder, "state")}`, "-o", `Dir::Cache=${join(folder, "cache")}`],
        ...["-o", "Dir::State::status=/dev/null", "-o", `APT::Architecture=${architecture}`],
        ...[
          "-o",
          `APT::Architectures=${architecture}`,
          "-o",
          "APT::Sandbox::User=root",
          "-o",
          "Acquire::Languages=none",
        ],
        ...args,
      ],
      { cwd: packages },
    );
  apt("update");
  apt("download", ...RUNTIME, ...SHELL);
  const files = readdirSync(packages);
  const archives = (names) =>
    names.map((name) => {
      const file = files.find((candidate) => candidate.startsWith(`${name}_`));
      if (file === undefined) throw new Error(`apt-get did not fetch ${name} for ${architecture}`);
      return join(packages, file);
    });
  return { runtime: archives(RUNTIME), shell: archives(SHELL) };
}

/** Unpacks packages into `root`, and notes each in /var/lib/dpkg/status.d, as distroless does. */
export function unpack(root, archives) {
  for (const name of MERGED) mkdirSync(join(root, "usr", name), { recursive: true });
  for (const name of MERGED) {
    try {
      symlinkSync(`usr/${name}`, join(root, name));
    } catch (cause) {
      if (cause.code !== "EEXIST") throw cause;
    }
  }
  const notes = join(root, "var/lib/dpkg/status.d");
  mkdirSync(notes, { recursive: true });
  for (const archive of archives) {
    run("tar", ["-x", "--keep-directory-symlink", "-C", root], {
      input: run("dpkg-deb", ["--fsys-tarfile", archive]),
      stdio: ["pipe", "pipe", "pipe"],
    });
    const fields = run("dpkg-deb", ["--field", archive], { encoding: "utf8" });
    writeFileSync(join(notes, /^Package: (\S+)/m.exec(fields)?.[1] ?? "unknown"), fields);
  }
}

/**
 * What the packages' own scripts would make: the list of CA roots, users, and how hosts are found.
 */
export function configure(root) {
  const roots = join(root, "usr/share/ca-certificates/mozilla");
  mkdirSync(join(root, "etc/ssl/certs"), { recursive: true });
  for (const name of readdirSync(roots).sort())
    appendFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), readFileSync(join(roots, name)));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/sbin/nologin\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\n");
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  mkdirSync(join(root, "tmp"), { recursive: true, mode: 0o1777 });
}

/** The base as one archive; owners as in Debian's packages. */
export function pack(root, file) {
  run("tar", ["-c", "--sort=name", "--numeric-owner", "-f", file, "-C", root, "."]);
}

/** Puts Node, and npm where it is given, to where the official image has them. */
export function putNode(root, node, npm) {
  mkdirSync(join(root, "usr/local/bin"), { recursive: true });
  copyFileSync(node, join(root, "usr/local/bin/node"));
  if (npm === undefined) return;
  mkdirSync(join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
  run("cp", ["-R", `${npm}/.`, join(root, "usr/local/lib/node_modules/npm")]);
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
}
