/**
 * `node writer.ts FOLDER STREAM`: reads its stream, says `found N` when it holds the entries 1 … N
 * and nothing else, then appends until it is killed or told to stop by SIGTERM, and says each
 * number once it was acknowledged. What rejects is said as `error …`.
 */
import { openEmbedded } from "../../src/adapters/storage/sqlite/open.ts";
import { describeError } from "../../src/core/model/error.ts";

const [folder = "", name = ""] = process.argv.slice(2);
const stream = `experiment/${name}`;
/** At once: pipes are written synchronously on Linux. */
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
/** As long as an ordinary event; every hundredth is a verdict on many services. */
const filler = (seq: number): string => "x".repeat(seq % 100 === 0 ? 20_000 : 300);
let stopped = false;
process.once("SIGTERM", () => {
  stopped = true;
});

try {
  const { journal, close } = await openEmbedded(folder, "bench", true);
  const entries = await journal.read(stream);
  const wrong = entries.findIndex(
    ({ seq, event }, i) => seq !== i + 1 || event.kind !== "missed" || event.why !== `${seq} ${filler(seq)}`,
  );
  say(wrong < 0 ? `found ${entries.length}` : `error entry ${wrong + 1} is not what was written`);
  for (let seq = entries.length + 1; !stopped; seq += 1) {
    const event = { kind: "missed", why: `${seq} ${filler(seq)}` } as const;
    await journal.append(stream, seq - 1, [event], { atMs: seq, indexMs: 1, open: true });
    say(String(seq));
    if (seq % 50 === 0) await journal.listOpen("experiment");
  }
  await close();
} catch (cause) {
  say(`error ${describeError(cause)}`);
  process.exitCode = 1;
}
