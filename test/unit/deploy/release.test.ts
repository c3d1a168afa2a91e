import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { version } from "../../../src/main/version.ts";

const ROOT = join(import.meta.dirname, "../../..");
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const pack = JSON.parse(text("package.json"));

test("the npm package has a scope, so that npx fetches no stranger's, and its command has none", () => {
  expect(pack.name).toMatch(/^@[\w-]+\/aftershock$/);
  expect(JSON.parse(text("package-lock.json")).name).toBe(pack.name);
  expect(Object.keys(pack.bin)).toEqual(["aftershock"]);
  expect(version()).toBe(pack.version);
});

test("a release is refused while a file names another version, and says which", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/release-version.mjs"), "v99.0.0"], {
    encoding: "utf8",
  });
  expect(status).toBe(1);
  for (const file of ["package.json", "package-lock.json", "Dockerfile", "Chart.yaml", "kustomization.yaml"])
    expect(stderr).toContain(`${file} says ${pack.version}`);
  expect(stderr).toContain("CHANGELOG.md says none");
});

test("a release has both architectures, a bill of materials, signatures, the chart and npm's provenance", () => {
  const workflow = text(".github/workflows/release.yml");
  const { jobs } = parse(workflow);
  expect(jobs.image.strategy.matrix.include.map(({ arch }: { arch: string }) => arch)).toEqual(["amd64", "arm64"]);
  for (const part of ["cosign sign", "cosign attest", "helm push", "npm publish --provenance", "sbom.cdx.json"])
    expect(workflow, part).toContain(part);
  expect(workflow).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN/);
});
