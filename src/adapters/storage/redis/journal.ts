import type { Redis } from "ioredis";
import type { JournalEntry, JournalEvent } from "../../../core/model/journal.ts";
import type { Journal, JournalIndex } from "../../../ports/journal.ts";
import { conflict } from "../errors.ts";
import { checkAppend, kindOf, wholeBound } from "../streams.ts";
import { redisError } from "./connection.ts";
import type { Keys } from "./keys.ts";

/**
 * One script is one atomic step: compare the end, add all entries as `<seq>-0`, keep index and open set. The first write of a script is where
 * Redis refuses when memory is full, so nothing is ever half done.
 * KEYS: stream, index, open. ARGV: afterSeq, atMs, indexMs, open (1 or 0), name, events…
 */
const APPEND = `
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local seq = last and tonumber(string.match(last[1], '^%d+')) or 0
if seq ~= tonumber(ARGV[1]) then return 0 end
for i = 6, #ARGV do
  redis.call('XADD', KEYS[1], string.format('%.0f-0', seq + i - 5), 'at', ARGV[2], 'event', ARGV[i])
end
if seq == 0 then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[5]) end
if ARGV[4] == '1' then
  redis.call('ZADD', KEYS[3], redis.call('ZSCORE', KEYS[2], ARGV[5]), ARGV[5])
else
  redis.call('ZREM', KEYS[3], ARGV[5])
end
return 1`;

/** A journal in Redis: a Redis stream for each stream, and two sorted sets a kind. */
export function redisJournal(redis: Redis, keys: Keys, where: string): Journal & JournalIndex {
  const ask = async <T>(command: Promise<T>): Promise<T> =>
    command.catch((cause: unknown) => {
      throw redisError(where, cause);
    });
  return {
    async append(stream, afterSeq, events, options) {
      checkAppend(stream, afterSeq, events, options);
      const kind = kindOf(stream);
      const numbers = [afterSeq, options.atMs, options.indexMs, options.open ? 1 : 0].map(String);
      const added = await ask(
        redis.eval(APPEND, 3, [
          ...[keys.stream(stream), keys.index(kind), keys.open(kind)],
          ...[...numbers, stream],
          ...events.map((event) => JSON.stringify(event)),
        ]),
      );
      if (added !== 1) throw conflict(stream, afterSeq);
    },

    async read(stream) {
      const entries = await ask(redis.xrange(keys.stream(stream), "-", "+"));
      return entries.map(([id, fields]) => toEntry(stream, id, fields));
    },

    list: (kind, fromMs, toMs) =>
      ask(redis.zrangebyscore(keys.index(kind), String(wholeBound(fromMs)), `(${wholeBound(toMs)}`)),

    listOpen: (kind) => ask(redis.zrange(keys.open(kind), "0", "-1")),

    async heads(kind) {
      const open = new Set(await ask(redis.zrange(keys.open(kind), "0", "-1")));
      const pairs = await ask(redis.zrange(keys.index(kind), "0", "-1", "WITHSCORES"));
      return pairs.flatMap((stream, i) =>
        i % 2 === 0 ? [{ stream, indexMs: Number(pairs[i + 1]), open: open.has(stream) }] : [],
      );
    },
  };
}

function toEntry(stream: string, id: string, [, atMs, , event]: readonly string[]): JournalEntry {
  return {
    stream,
    seq: Number.parseInt(id, 10),
    atMs: Number(atMs),
    event: JSON.parse(event ?? "null") as JournalEvent,
  };
}
