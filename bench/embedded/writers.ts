import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { openEmbedded } from "../../src/adapters/storage/sqlite/open.ts";
import type { Random } from "../lib/random.ts";

/** Streams grow for so many kills: reading them back at each start takes longer and longer. */
const LIVES_OF_A_STREAM = 20;
/** Acknowledged appends before a kill, at random up to this. */
const MOST_APPENDS = 40;

export interface Tally {
  kills: number;
  acknowledged: number;
  /** Acknowledged entries that a later start did not find. */
  lost: number;
  readonly errors: string[];
  /** Streams whose writers were killed, and the last entry of each that was acknowledged. */
  readonly streams: Map<string, number>;
}

/**
 * Starts and kills one writer after the other, `kills` times, each at a random moment of its
 * appending.
 */
export async function killWriters(folder: string, name: string, kills: number, tally: Tally, random: Random) {
  for (let life = 0; life < kills; life += 1) {
    const stream = `${name}-${Math.floor(life / LIVES_OF_A_STREAM)}`;
    const before = tally.streams.get(stream) ?? 0;
    const writer = start(folder, stream);
    await writer.until(1 + random.int(MOST_APPENDS), before, tally);
    writer.child.kill("SIGKILL");
    const last = Math.max(before, await writer.rest());
    tally.streams.set(stream, last);
    tally.kills += 1;
    tally.acknowledged += last - before;
  }
}

/** Adds what the last lives of all streams have lost. */
export async function countLost(folder: string, tally: Tally): Promise<void> {
  const { journal, close } = await openEmbedded(folder, "bench", true);
  for (const [stream, last] of tally.streams) {
    const entries = await journal.read(`experiment/${stream}`);
    tally.lost += Math.max(0, last - entries.length);
  }
  await close();
}

/** Lets a writer work for `ms`, undisturbed. */
export async function letWrite(folder: string, name: string, ms: number, tally: Tally): Promise<void> {
  const writer = start(folder, name);
  const timer = setTimeout(() => writer.child.kill("SIGTERM"), ms);
  tally.acknowledged += await writer.until(Infinity, 0, tally);
  clearTimeout(timer);
}

interface Writer {
  readonly child: ChildProcess;
  /**
   * Reads until so many appends were acknowledged, or it ends; answers the highest number that was.
   */
  until(appends: number, before: number, tally: Tally): Promise<number>;
  /** Reads what it had still said when it was killed; answers the highest number. */
  rest(): Promise<number>;
}

function start(folder: string, name: string): Writer {
  const script = new URL("writer.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, folder, name], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "close");
  let highest = 0;
  return {
    child,
    async until(appends, before, tally) {
      for (let seen = 0; seen < appends; ) {
        const { done, value: line } = await lines.next();
        if (done) break;
        if (line.startsWith("error ")) tally.errors.push(line.slice(6));
        else if (line.startsWith("found ")) tally.lost += Math.max(0, before - Number(line.slice(6)));
        else {
          highest = Number(line);
          seen += 1;
        }
      }
      return highest;
    },
    async rest() {
      for (;;) {
        const { done, value: line } = await lines.next();
        if (done) break;
        if (/^\d+$/.test(line)) highest = Number(line);
      }
      await ended;
      return highest;
    },
  };
}
