import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { BUNDLE } from "../../../scripts/lib/bundle.mjs";

describe("the bundle", () => {
  test("holds the reader of kubeconfigs and nothing of the generated API beside it", async () => {
    const stdin = {
      contents: 'export { KubeConfig } from "@kubernetes/client-node";',
      resolveDir: import.meta.dirname,
    };
    const { metafile } = await build({ ...BUNDLE, stdin, write: false, metafile: true, outdir: "unused" });
    const bytes = (part: string): number =>
      Object.values(metafile.outputs)
        .flatMap((output) => Object.entries(output.inputs))
        .filter(([path]) => path.includes(`/@kubernetes/client-node/dist/${part}`))
        .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    expect(bytes("config.js")).toBeGreaterThan(10_000);
    expect(bytes("exec_auth.js") * bytes("oidc_auth.js") * bytes("file_auth.js")).toBeGreaterThan(0);
    expect(bytes("gen/")).toBeLessThan(20_000);
  });
});
