import { setTimeout as sleep } from "node:timers/promises";
import { AftershockError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { EXIT, type Io } from "../io.ts";
import { api, busyLeaf, leaf, type Manners, PROBES, type Probe, repeater } from "../sample/api.ts";
import { connectDatabase, DB_MODES, type DbMode } from "../sample/connection.ts";
import { type Part, startDatabase } from "../sample/database.ts";
import { nodePressure } from "../sample/node-pressure.ts";
import { serveHttp } from "../sample/serve.ts";

export const SAMPLE_PARTS = ["db", "go-app", "repeater", "leaf", "node-pressure"] as const;

interface SampleOptions {
  readonly args: readonly string[];
  readonly port: number;
  /** `go-app-db:5000` */
  readonly db: string;
  readonly dbMode: string;
  readonly probe: string;
  readonly upstream: string;
  readonly attempts: number;
  /** Ms. */
  readonly pause: number;
  /** Ms. */
  readonly timeout: number;
  readonly also: string;
  readonly optional?: boolean;
  /** Ms; 0: answers at once. */
  readonly work: number;
  readonly places: number;
  /** `node-a,node-b` */
  readonly nodes: string;
  readonly startDelay: number;
}

/** Runs one part of the tutorial's application until it is stopped. */
export async function sample(options: SampleOptions, io: Io): Promise<number> {
  const part = oneOf("the part", options.args[0] ?? "", SAMPLE_PARTS);
  const lost = Promise.withResolvers<number>();
  await sleep(options.startDelay * SECOND_MS, undefined, { signal: io.signal }).catch(() => undefined);
  await using running = await start(part, options, () => lost.resolve(EXIT.failed), io.signal);
  io.err(`${part} answers on port ${running.port}\n`);
  const stopped = new Promise<number>((done) => {
    if (io.signal.aborted) done(EXIT.ok);
    else io.signal.addEventListener("abort", () => done(EXIT.ok), { once: true });
  });
  const code = await Promise.race([stopped, lost.promise]);
  if (code !== EXIT.ok) io.err("the connection to the database is lost: ending\n");
  return code;
}

async function start(
  part: (typeof SAMPLE_PARTS)[number],
  options: SampleOptions,
  onLost: () => void,
  signal: AbortSignal,
): Promise<Part> {
  switch (part) {
    case "db":
      return startDatabase(options.port);
    case "leaf":
      return serveHttp(options.port, options.work > 0 ? busyLeaf(options.work, options.places) : leaf);
    case "node-pressure":
      return serveHttp(options.port, nodePressure(options.nodes.split(",").filter((node) => node !== "")));
    case "repeater":
      return serveHttp(options.port, repeater(options.upstream, mannersOf(options)));
    case "go-app": {
      const mode: DbMode = oneOf("--db-mode", options.dbMode, DB_MODES);
      const probe: Probe = oneOf("--probe", options.probe, PROBES);
      return serveHttp(options.port, api(await connectDatabase(addressOf(options.db), mode, onLost, signal), probe));
    }
  }
}

const mannersOf = ({ attempts, pause, timeout, also, optional = false }: SampleOptions): Manners => ({
  attempts,
  pauseMs: pause,
  timeoutMs: timeout,
  also,
  optional,
});

function oneOf<T extends string>(what: string, given: string, known: readonly T[]): T {
  const found = known.find((one) => one === given);
  if (found !== undefined) return found;
  throw new AftershockError("usage", `${what} is ${given === "" ? "missing" : `"${given}"`}`, {
    hint: `expected one of ${known.join(", ")}`,
  });
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^([^\s:/]+):([0-9]{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new AftershockError("usage", `--db is "${text}"`, { hint: "expected host:port, for example go-app-db:5000" });
}
