import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LoadedConfig, loadConfig } from "../../../src/config/load/load.ts";
import { watchConfig } from "../../../src/config/load/watch.ts";
import type { AftershockError } from "../../../src/core/model/error.ts";

const read = (path: string): Promise<string> => readFile(path, "utf8");
const minimal = await read(new URL("../../../fixtures/config/minimal.yaml", import.meta.url).pathname);
const named = (cluster: string): string => minimal.replace("cluster: test", `cluster: ${cluster}`);

let folder: string;
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aftershock-watch-"));
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true });
});

type Seen = { readonly changed: LoadedConfig } | { readonly problem: AftershockError };

/** Starts to watch; each call of the answer waits for the next thing that is seen. */
async function watching(file: string): Promise<() => Promise<Seen>> {
  const { hash } = await loadConfig(file, {}, read);
  const seen: Seen[] = [];
  let wake: () => void = () => {};
  const push = (one: Seen): void => {
    seen.push(one);
    wake();
  };
  watchConfig(
    { file, env: {}, readFile: read, nowMs: () => 0, current: hash },
    (changed) => push({ changed }),
    (problem) => push({ problem }),
    stop.signal,
  );
  return async () => {
    for (;;) {
      const next = seen.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

test("a changed file is read again; a wrong one is reported and the next right one taken", async () => {
  const file = join(folder, "aftershock.yaml");
  await writeFile(file, named("first"));
  const next = await watching(file);

  await writeFile(file, named("second"));
  expect(await next()).toMatchObject({ changed: { config: { cluster: "second" } } });
  await writeFile(file, `${named("third")}mod: inject\n`);
  expect(await next()).toMatchObject({
    problem: { code: "config-invalid", message: expect.stringContaining("unknown key") },
  });
  await writeFile(file, named("fourth"));
  expect(await next()).toMatchObject({ changed: { config: { cluster: "fourth" } } });
});

test("a ConfigMap mount, which swaps a link beside the file, is followed", async () => {
  const write = async (version: string, cluster: string): Promise<void> => {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, "aftershock.yaml"), named(cluster));
  };
  await write("..v1", "first");
  await symlink("..v1", join(folder, "..data"));
  await symlink("..data/aftershock.yaml", join(folder, "aftershock.yaml"));
  const next = await watching(join(folder, "aftershock.yaml"));

  await write("..v2", "second");
  await symlink("..v2", join(folder, "..data_tmp"));
  await rename(join(folder, "..data_tmp"), join(folder, "..data"));
  expect(await next()).toMatchObject({ changed: { config: { cluster: "second" } } });
});
