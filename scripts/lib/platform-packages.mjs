/**
 * Optional packages of one platform (`@esbuild/darwin-arm64`, …) in package-lock.json. npm leaves
 * out those that the registry in use does not offer at that moment, and then `npm ci` refuses the
 * file on the machine that needs them.
 */

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const CPUS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"];
const LIBRARIES = { musl: "musl", musleabihf: "musl", gnu: "glibc", gnueabihf: "glibc" };

/** What a platform package's name says about where it can be installed. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const cpu = CPUS.find((word) => words.includes(word));
  const os = SYSTEMS.find((word) => words.includes(word));
  const library = words.map((word) => LIBRARIES[word]).find((word) => word !== undefined);
  if (os === undefined || cpu === undefined) return null;
  return { cpu: [cpu], ...(library === undefined || os !== "linux" ? {} : { libc: [library] }), os: [os] };
}

/**
 * Entries that `packages` of a lock file should have and has not: `[path, entry]`. They carry no
 * integrity yet, since the archive was not there to be hashed.
 */
export function missingPlatformPackages(packages) {
  const missing = [];
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      if (packages[path] !== undefined || packages[`${parent}/${path}`] !== undefined) continue;
      const platform = platformOf(name);
      if (platform === null || !/^\d/.test(version)) continue;
      missing.push([path, { version, ...platform, ...(dev ? { dev } : {}), optional: true }]);
    }
  }
  return missing;
}

/** Paths of packages that `npm ci` would install without comparing them with a hash. */
export const withoutIntegrity = (packages) =>
  Object.entries(packages)
    .filter(([path, { integrity, link }]) => path !== "" && link !== true && !/^sha512-/.test(integrity ?? ""))
    .map(([path]) => path);
