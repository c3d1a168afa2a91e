import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { imageStart } from "../../../scripts/lib/image-start.mjs";

const ROOT = join(import.meta.dirname, "../../..");
const dockerfile = readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8");
const stages = dockerfile.split(/^(?=FROM )/m);
const last = stages.at(-1)!;
const instructions = (stage: string): string[] => [...stage.matchAll(/^([A-Z]+) /gm)].map(([, name]) => name!);

describe("the image", () => {
  test("warms its compile cache with the options it runs with: the cache of other options is never read", () => {
    expect(dockerfile).toContain(`node ${imageStart().nodeOptions.join(" ")} scripts/warm.mjs /app`);
  });

  test("takes what it is built on from build arguments that are pinned by digest", () => {
    const args = new Map([...stages[0]!.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
    for (const [name, value] of args) expect(value, name).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}$/);
    const foreign = stages.slice(1).map((stage) => /^FROM (\S+)/.exec(stage)![1]!);
    const named = stages.flatMap((stage) => /^FROM \S+ AS (\w+)/.exec(stage)?.[1] ?? []);
    for (const image of foreign)
      expect(named.includes(image) || args.has(/^\$\{(\w+)\}$/.exec(image)?.[1]), image).toBe(true);
    expect([...args.keys()]).toEqual(["NODE_IMAGE", "BASE_IMAGE"]);
  });

  test("runs nothing in its last stage, which is built for architectures that the builder does not have", () => {
    expect(instructions(last)).not.toContain("RUN");
    expect(last).toMatch(/^FROM base$/m);
  });

  test("runs as the user of the manifests, and says what it is", () => {
    expect(last).toMatch(/^USER 1000:1000$/m);
    for (const label of ["title", "description", "licenses", "version", "revision"])
      expect(last).toContain(`org.opencontainers.image.${label}=`);
  });

  test("brings its own bill of materials", () => {
    expect(dockerfile).toContain("scripts/sbom.mjs /base > /app/sbom.cdx.json");
  });

  test("is the one that the tests on a cluster run", () => {
    const ci = readFileSync(join(ROOT, ".ci/run"), "utf8");
    expect(ci).toContain("scripts/image.mjs");
    expect(ci).toContain('"$lab" image aftershock:ci "$out/images/aftershock.tar"');
  });
});
