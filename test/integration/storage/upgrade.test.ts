import { copyFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exportJournal } from "../../../src/app/records/transfer-journal.ts";
import { describeWith } from "../../support/requires.ts";
import { startRedis } from "../../support/servers/redis.ts";
import { openAt } from "../../support/storage.ts";

/**
 * Storage as the code of 30 November 2026 wrote it, with every event of
 * `fixtures/journal/2026-11-30.ndjson` in it.
 */
const FIXTURES = join(import.meta.dirname, "../../../fixtures");
const OLD = join(FIXTURES, "storage/2026-11-30");

interface Entry {
  readonly stream: string;
  readonly atMs: number;
  readonly event: object;
}

const written: readonly Entry[] = readFileSync(join(FIXTURES, "journal/2026-11-30.ndjson"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Entry);
const byStream = (entries: readonly Entry[]): Record<string, unknown> =>
  Object.fromEntries(
    [...Map.groupBy(entries, ({ stream }) => stream)].map(([stream, own]) => [
      stream,
      own.map(({ atMs, event }) => ({ atMs, event })),
    ]),
  );

/** Every record of the storage at `url`, by stream. */
async function kept(url: string): Promise<Record<string, unknown>> {
  const storage = await openAt(url, "prod");
  try {
    const entries: Entry[] = [];
    for await (const line of exportJournal(storage.journal)) {
      const { stream, entries: own = [] } = JSON.parse(line) as { stream?: string; entries?: Entry[] };
      if (stream !== undefined) entries.push(...own.map((one) => ({ ...one, stream })));
    }
    return byStream(entries);
  } finally {
    await storage.close();
  }
}

describe("an upgrade", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "aftershock-upgrade-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("keeps every record of the embedded store, and opens it twice", async () => {
    copyFileSync(join(OLD, "aftershock.db"), join(folder, "aftershock.db"));
    expect(await kept(`embedded:${folder}`)).toEqual(byStream(written));
    expect(await kept(`embedded:${folder}`)).toEqual(byStream(written));
  });

  describeWith("redis-server", "on Redis", () => {
    test("keeps every record", async () => {
      copyFileSync(join(OLD, "redis.rdb"), join(folder, "dump.rdb"));
      await using redis = await startRedis(["--appendonly", "no", "--dir", folder]);
      expect(await kept(redis.url)).toEqual(byStream(written));
    });
  });
});
