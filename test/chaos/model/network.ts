import type { Entry } from "./history.ts";
import type { Machine } from "./machine.ts";
import type { VirtualTime } from "./time.ts";

/** When the process asked for it, when it left, and whether the network made a copy of it. */
export interface Sent {
  readonly askedMs: number;
  readonly sentMs: number;
  readonly copy: boolean;
}

/** Whom a request goes to. */
export type Wire = "api" | "storage" | "metrics";

/**
 * What becomes of one request. lost: it never arrives; cut: it arrives, and its answer does not;
 * hang: the same, and nobody says so; late: it arrives seconds later; slow: its answer comes
 * seconds later; twice: it arrives a second time; copied: the same, and the answer is that to the
 * copy; refused: nobody takes it.
 */
export const TROUBLES = ["lost", "cut", "hang", "late", "slow", "twice", "copied", "refused"] as const;
export type Trouble = (typeof TROUBLES)[number];

export type Away = "refuses" | "silent";

const ONE_WAY_MS = 2;
const LATE_MS = 12_000;
const SLOW_MS = 4_000;
const RESET_MS = 300;

/** What node says of a connection that broke. */
class Broken extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`the connection broke (${code})`);
    this.code = code;
  }
}

/** Told of every boundary of a request; may kill or stop the process, or spoil the request. */
export interface Fates {
  /** The process is about to send it, or it was done and the answer is on its way. */
  point(machine: Machine, name: string): void;
  trouble(machine: Machine, wire: Wire, name: string): Trouble | null;
}

/** Carries requests, and loses some. */
export class Network {
  readonly #time: VirtualTime;
  readonly #fates: Fates;
  readonly #write: (entry: Entry) => void;
  /** Nobody is reached there until then; silent: requests are taken, and nobody answers. */
  readonly #away = new Map<Wire, { readonly untilMs: number; readonly how: Away }>();

  constructor(time: VirtualTime, fates: Fates, write: (entry: Entry) => void) {
    this.#time = time;
    this.#fates = fates;
    this.#write = write;
  }

  /** Loses the way to `wire` for `ms`. */
  lose(wire: Wire, ms: number, how: Away = "refuses"): void {
    this.#away.set(wire, { untilMs: this.#time.nowMs + ms, how });
    this.#write({ atMs: this.#time.nowMs, by: "network", on: "trouble", what: `${wire}: ${how}`, ms });
  }

  /**
   * Sends a request and answers what `arrive` made of it at the other side.
   */
  send<T>(machine: Machine, wire: Wire, name: string, arrive: (sent: Sent) => T, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((answer, refuse) => {
      if (signal?.aborted) return refuse(signal.reason as Error);
      const aborted = (): void => refuse(signal?.reason as Error);
      signal?.addEventListener("abort", aborted, { once: true });
      const over = (): void => signal?.removeEventListener("abort", aborted);
      const resolve = (value: T): void => {
        over();
        answer(value);
      };
      const reject = (why: unknown): void => {
        over();
        refuse(why);
      };
      this.#fates.point(machine, `before ${name}`);
      // whoever is stopped here is stopped inside the sending
      const askedMs = this.#time.nowMs;
      machine.reach(() => this.#go(machine, wire, name, (sent) => arrive({ askedMs, ...sent }), resolve, reject));
    });
  }

  #go<T>(
    machine: Machine,
    wire: Wire,
    name: string,
    arrive: (sent: Omit<Sent, "askedMs">) => T,
    resolve: (answer: T) => void,
    reject: (why: unknown) => void,
  ): void {
    const sentMs = this.#time.nowMs;
    const trouble = this.#fates.trouble(machine, wire, name);
    if (trouble !== null) this.#write({ atMs: sentMs, by: machine.name, on: "trouble", what: `${wire}: ${trouble}` });
    const fail = (code: string, ms: number) => void machine.later(ms, () => reject(new Broken(code)));
    if (trouble === "refused") return void fail("ECONNREFUSED", ONE_WAY_MS);
    if (trouble === "lost") return void fail("ECONNRESET", RESET_MS);
    // it goes on its way whatever becomes of who sent it
    this.#time.later(trouble === "late" ? LATE_MS : ONE_WAY_MS, () => {
      const away = this.#away.get(wire);
      if (away !== undefined && away.untilMs > this.#time.nowMs) {
        if (away.how === "refuses") fail("ECONNREFUSED", ONE_WAY_MS);
        return;
      }
      const first = attempt(() => arrive({ sentMs, copy: false }));
      const answer = trouble === "copied" ? attempt(() => arrive({ sentMs, copy: true })) : first;
      if (trouble === "twice") this.#time.later(1, () => void attempt(() => arrive({ sentMs, copy: true })));
      if (machine.alive) this.#fates.point(machine, `after ${name}`);
      if (trouble === "cut") return void fail("ECONNRESET", RESET_MS);
      if (trouble === "hang") return;
      machine.later(trouble === "slow" ? SLOW_MS : ONE_WAY_MS, () =>
        "value" in answer ? resolve(answer.value) : reject(answer.why),
      );
    });
  }
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly why: unknown } {
  try {
    return { value: work() };
  } catch (why) {
    return { why };
  }
}
