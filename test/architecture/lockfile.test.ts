import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { missingPlatformPackages, withoutIntegrity } from "../../scripts/lib/platform-packages.mjs";

const ROOT = join(import.meta.dirname, "..", "..");
const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));

test("the lock file names the platform packages of every system (else: node scripts/complete-lock.mjs)", () => {
  expect(missingPlatformPackages(lock.packages).map(([path]) => path)).toEqual([]);
});

test("every package in the lock file has a hash (else: node scripts/complete-lock.mjs)", () => {
  expect(withoutIntegrity(lock.packages)).toEqual([]);
});

test("a package without a hash, or with an old one, is found", () => {
  const packages = {
    "": { name: "aftershock" },
    "node_modules/linked": { link: true },
    "node_modules/good": { version: "1.0.0", integrity: "sha512-abc=" },
    "node_modules/old": { version: "1.0.0", integrity: "sha1-abc=" },
    "node_modules/none": { version: "1.0.0" },
  };
  expect(withoutIntegrity(packages)).toEqual(["node_modules/old", "node_modules/none"]);
});

test("the lock file names no registry", () => {
  expect(Object.keys(lock.packages).filter((path) => lock.packages[path].resolved !== undefined)).toEqual([]);
});

test("a platform package that the lock file lacks is found, with what its name says about its platform", () => {
  const packages = {
    "node_modules/tool": {
      dev: true,
      optionalDependencies: { "@tool/cli-linux-x64-musl": "1.2.3", "@tool/darwin-arm64": "1.2.3", fsevents: "1.0.0" },
    },
    "node_modules/@tool/darwin-arm64": { version: "1.2.3" },
  };
  expect(missingPlatformPackages(packages)).toEqual([
    [
      "node_modules/@tool/cli-linux-x64-musl",
      { version: "1.2.3", cpu: ["x64"], libc: ["musl"], os: ["linux"], dev: true, optional: true },
    ],
  ]);
});
