import type { Load, ProgramName } from "./build.ts";
import type { Environment, LifeSettings, MetricsAnswer } from "./environment.ts";
import type { Entry } from "./history.ts";
import { Kubernetes } from "./kubernetes.ts";
import { Machine } from "./machine.ts";
import { type Fates, Network, type Sent } from "./network.ts";
import { Storage } from "./storage.ts";
import { VirtualTime } from "./time.ts";

/** A Monday, half a minute before the policy's window opens. */
export const BEGIN_MS = Date.parse("2026-11-23T08:59:30Z");
/** Kubernetes starts a container again after this. */
const RESTART_MS = 5_000;
/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 30_000;

/** A cluster, a storage and a mesh, and the processes that work on them; one history of all. */
export class World {
  readonly time = new VirtualTime(BEGIN_MS);
  readonly history: Entry[] = [];
  readonly kubernetes: Kubernetes;
  readonly storage: Storage;
  readonly network: Network;
  readonly machines: Machine[] = [];
  /** What a query of the metrics comes back as; changed by whoever plays with it. */
  metrics: (ask: string) => MetricsAnswer = () => ({ partial: false });
  failing: (service: string, atMs: number) => number = () => 0;
  unseen: (atMs: number) => boolean = () => false;
  /** How long `machine` waits for its credentials now, ms. */
  credentialsMs: (machine: Machine) => number = () => 0;
  /** How long a change of the lease takes to whoever watches it, ms. */
  watchMs = 5;
  readonly #load: Load;
  readonly #settings: LifeSettings;
  #count = 0;

  constructor(load: Load, settings: LifeSettings, fates: Fates) {
    const write = (entry: Entry): void => void this.history.push(entry);
    this.#load = load;
    this.#settings = settings;
    this.kubernetes = new Kubernetes(this.time, write);
    this.storage = new Storage(this.time, write);
    this.network = new Network(this.time, fates, write);
  }

  /** Starts a process. `ended` is told its exit code; one that fails ends with 3. */
  start(program: ProgramName, ended: (code: number) => void = () => undefined): Machine {
    this.#count += 1;
    const machine = new Machine(`${program}-${this.#count}`, this.time, (entry) => void this.history.push(entry));
    this.machines.push(machine);
    const programs = this.#load(machine.globals(), this.#environmentOf(machine));
    const end = (code: number): void => {
      machine.end(code);
      ended(code);
    };
    programs[program]().then(end, () => end(3));
    return machine;
  }

  /** A worker that Kubernetes starts again whenever it ends, until `untilMs`. */
  keep(untilMs: number): void {
    const machine = this.start("worker");
    const watch = (): void => {
      if (this.time.nowMs >= untilMs) return;
      if (machine.alive) this.time.later(1_000, watch);
      else this.time.later(RESTART_MS, () => this.keep(untilMs));
    };
    watch();
  }

  /** A CronJob every `everyMs` that never runs twice at a time (`concurrencyPolicy: Forbid`). */
  repeat(everyMs: number, untilMs: number): void {
    let last: Machine | null = null;
    const tick = (): void => {
      if (this.time.nowMs >= untilMs) return;
      if (last === null || !last.alive) last = this.start("run");
      this.time.later(everyMs, tick);
    };
    tick();
  }

  terminate(machine: Machine): void {
    machine.terminate(GRACE_MS);
  }

  /** Somebody halts with the command: it is in force when that exits 0. */
  halt(): void {
    const name = `halt-${this.#count + 1}`;
    this.start("halt", (code) => {
      if (code === 0) this.history.push({ atMs: this.time.nowMs, by: name, on: "halt", state: "in-force" });
    });
  }

  #environmentOf(machine: Machine): Environment {
    const { kubernetes, storage, network } = this;
    const by = machine.name;
    return {
      identity: by,
      settings: this.#settings,
      signal: machine.signal,
      credentials: () => {
        const ms = this.credentialsMs(machine);
        return ms === 0 ? Promise.resolve() : new Promise((resolve) => void machine.later(ms, resolve));
      },
      api: (ask, signal) => {
        const arrive = (sent: Sent) => kubernetes.handle(ask, by, sent);
        const name = `${ask.method} ${ask.url.split("?")[0]?.split("/").slice(3).join("/")}`;
        return network.send(machine, "api", name, arrive, signal);
      },
      storage: (ask) => {
        const name =
          ask.do === "append" ? `append ${ask.events.map((event) => event.kind).join()}` : `storage ${ask.do}`;
        return network.send(machine, "storage", name, () => storage.do(ask, by));
      },
      metrics: (ask, experiment, signal) =>
        network.send(
          machine,
          "metrics",
          `metrics ${ask}`,
          () => {
            const answer = this.metrics(ask);
            if (answer.partial) this.history.push({ atMs: this.time.nowMs, by, on: "partial", experiment });
            return answer;
          },
          signal,
        ),
      failing: (service, atMs) => this.failing(service, atMs),
      unseen: (atMs) => this.unseen(atMs),
      followLease: (seen, signal) =>
        new Promise((resolve) => {
          const tell = () => void machine.later(this.watchMs, () => !signal.aborted && seen(kubernetes.lease()));
          const end = kubernetes.watchLease(tell);
          signal.addEventListener(
            "abort",
            () => {
              end();
              resolve();
            },
            { once: true },
          );
          tell();
        }),
      takeWork: (handler) => storage.take(machine, handler),
    };
  }
}
