import type { Redis } from "ioredis";
import type { JournalEntry, JournalEvent } from "../../../core/model/journal.ts";
import type { KeptJournal } from "../../../ports/journal.ts";
import { conflict } from "../errors.ts";
import { pack, unpack } from "../packed.ts";
import { checkAppend, kindOf, wholeBound } from "../streams.ts";
import type { Ask } from "./ask.ts";
import type { Keys } from "./keys.ts";

/**
 * One script is one atomic step: compare the end, add all entries as `<seq>-0`, keep index and open
 * set. The first write of a script is where Redis refuses when memory is full, so nothing is ever
 * half done. KEYS: stream, index, open. ARGV: afterSeq, atMs, indexMs, open (1 or 0), name, events…
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

/**
 * Entries of a Redis stream cannot be changed: it is written anew, with the same ids, in one atomic
 * step. The deletion comes first: a script that has written is let through to its end, also when
 * memory is full. KEYS: stream, open. ARGV: name, seq, event.
 */
const REWRITE = `
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
local entries = redis.call('XRANGE', KEYS[1], '-', '+')
local wanted = ARGV[2] .. '-0'
local there = false
for _, entry in ipairs(entries) do there = there or entry[1] == wanted end
if not there then return 0 end
redis.call('DEL', KEYS[1])
for _, entry in ipairs(entries) do
  if entry[1] == wanted then entry[2][4] = ARGV[3] end
  redis.call('XADD', KEYS[1], entry[1], unpack(entry[2]))
end
return 1`;

/** KEYS: stream, index, open. ARGV: name. */
const REMOVE = `
if redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])`;

/**
 * Events are kept as JSON, long ones packed: a verdict on hundreds of services shrinks to a sixth.
 */
const encode = async (event: JournalEvent): Promise<Buffer> =>
  Buffer.from(await pack(Buffer.from(JSON.stringify(event))));
const decode = async (bytes: Buffer): Promise<JournalEvent> =>
  JSON.parse(Buffer.from(await unpack(bytes)).toString()) as JournalEvent;

/** A journal in Redis: a Redis stream for each stream, and two sorted sets a kind. */
export function redisJournal(redis: Redis, keys: Keys, ask: Ask): KeptJournal {
  return {
    async append(stream, afterSeq, events, options) {
      checkAppend(stream, afterSeq, events, options);
      const kind = kindOf(stream);
      const numbers = [afterSeq, options.atMs, options.indexMs, options.open ? 1 : 0].map(String);
      const added = await ask(
        redis.eval(APPEND, 3, [
          ...[keys.stream(stream), keys.index(kind), keys.open(kind)],
          ...[...numbers, stream],
          ...(await Promise.all(events.map(encode))),
        ]),
      );
      if (added !== 1) throw conflict(stream, afterSeq);
    },

    async read(stream) {
      const entries = await ask(redis.xrangeBuffer(keys.stream(stream), "-", "+"));
      return Promise.all(entries.map(([id, fields]) => toEntry(stream, String(id), fields)));
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

    async rewrite(stream, seq, event) {
      const found = [keys.stream(stream), keys.open(kindOf(stream)), stream, seq] as const;
      return (await ask(redis.eval(REWRITE, 2, ...found, await encode(event)))) === 1;
    },

    async remove(stream) {
      const kind = kindOf(stream);
      return (await ask(redis.eval(REMOVE, 3, keys.stream(stream), keys.index(kind), keys.open(kind), stream))) === 1;
    },
  };
}

async function toEntry(stream: string, id: string, [, atMs, , event]: readonly Buffer[]): Promise<JournalEntry> {
  return {
    stream,
    seq: Number.parseInt(id, 10),
    atMs: Number(atMs),
    event: await decode(event ?? Buffer.from("null")),
  };
}
