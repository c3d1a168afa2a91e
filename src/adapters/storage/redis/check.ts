import type { Redis } from "ioredis";
import { redisError } from "./connection.ts";
import { parseInfo } from "./info.ts";

export { parseInfo };

/** Oldest Redis that ioredis 6 and BullMQ are tested with. */
const OLDEST = [6, 2] as const;

/** What does not rest on Redis: the lease is kept by the API server. */
const STILL_HOLDS = "No slot that the lease remembers is injected a second time, and halts hold";

type Facts = ReadonlyMap<string, string>;

const RULES: readonly ((facts: Facts) => string | null)[] = [
  (facts) => {
    const version = facts.get("redis_version") ?? "0";
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
    return old ? `Redis ${version} is too old: use ${OLDEST.join(".")} or newer` : null;
  },
  (facts) =>
    facts.get("maxmemory_policy") === "noeviction"
      ? null
      : `maxmemory-policy is ${facts.get("maxmemory_policy")}: Redis may throw the journal away; set it to noeviction`,
  (facts) => {
    if (facts.get("aof_enabled") === "1") return null;
    const lost = saves(facts)
      ? "only snapshots are written: a crash of Redis loses the journal and the wake-ups of the minutes since the last one"
      : "nothing is persisted: a restart of Redis loses the journal and every wake-up";
    return `${lost}, open damage among them. ${STILL_HOLDS}; set appendonly yes`;
  },
  (facts) =>
    facts.get("rdb_last_bgsave_status") === "ok" && (facts.get("aof_last_write_status") ?? "ok") === "ok"
      ? null
      : "the last attempt of Redis to write its data to the disk failed: free space there, and look at its log",
  (facts) => (facts.get("role") === "master" ? null : "the server is a replica: storage.url must name the primary"),
];

/** `save` is only known where CONFIG may be read; a dump that was made says the same. */
const saves = (facts: Facts): boolean => (facts.get("save") ?? "") !== "" || Number(facts.get("rdb_saves") ?? 0) > 0;

/** What is wrong with the facts, each with what to do. */
export const redisProblems = (facts: Facts): readonly string[] => RULES.flatMap((rule) => rule(facts) ?? []);

/** Asks the server. Managed ones forbid CONFIG; INFO is enough then. */
export async function checkRedis(redis: Redis, where: string): Promise<readonly string[]> {
  const info = await redis.info().catch((cause: unknown) => {
    throw redisError(where, cause);
  });
  const save = await redis.config("GET", "save").catch(() => null);
  const facts = new Map(parseInfo(info));
  if (Array.isArray(save)) facts.set("save", String(save[1] ?? ""));
  return redisProblems(facts);
}
