import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExperimentPlan } from "../../src/core/model/experiment.ts";
import { kubeconfigFile } from "../integration/kubernetes/support/serve.ts";
import type { WorkerBundle } from "./bundle.ts";
import { check } from "./check.ts";
import { type FakeCluster, fakeCluster } from "./fake-cluster.ts";
import { argumentsOf, type Fate } from "./fate.ts";
import { type Lines, openLines } from "./lines.ts";
import type { Found, Message, Task } from "./protocol.ts";
import { count, type Tally } from "./tally.ts";
import { damageOf, planFor, type Trial } from "./trials.ts";

const T0 = Date.parse("2026-11-23T09:15:00Z");
/** Experiments that share a part of the journal: later ones read the earlier ones. */
const BATCH = 20;
/** A busy machine must not look like a server that hangs; one that does is not waited for, ms. */
const PATIENT_MS = 20_000;
const IMPATIENT_MS = 1_500;
/** A worker that neither comes to its point nor ends is a defect. */
const STUCK_MS = 120_000;
/** Plain numbers, so that every life of a fault can be played again with the seed that it had. */
const SEEDS = 1_000;

/** A storage to be used by workers one after the other, or several at once. */
export interface Store {
  readonly name: string;
  /** Whether it is a server, whose connections can be spoiled. */
  readonly remote: boolean;
  /** URL of an empty part of it. */
  newPart(): Promise<string>;
}

interface Begun {
  readonly plan: ExperimentPlan;
  readonly trial: Trial;
  readonly fate: Fate;
  /** Whoever went on with it was killed at this point of going on. */
  readonly again: number[];
  /** Where the worker was killed. */
  point: string | null;
  acknowledged: boolean;
}

/** How a worker fared. */
export interface Life {
  /** Names of the points of its own experiment that it came to. */
  readonly points: readonly string[];
  readonly killed: boolean;
}

/** Told by the cluster about the worker with this bearer token. */
interface Ears {
  /** False when the worker was killed here. */
  pass(name: string): boolean;
  readonly fate: Fate;
  counting(): boolean;
  met: boolean;
  /** Writes to the lease during its own experiment. */
  leaseWrites: number;
  /** Between its intent and the answer to its call. */
  calling: boolean;
}

/** An intent is out, and its call is over. */
const CALL_BEGINS = "after lease.noteIntent";
const CALL_ENDS = "after injector.inject";

/** A cluster and a storage in which workers live and die one after the other. */
export class Arena implements AsyncDisposable {
  readonly #bundle: WorkerBundle;
  readonly #store: Store;
  readonly #cluster: FakeCluster;
  readonly #folder: string;
  readonly #tally: Tally;
  readonly #signal: AbortSignal;
  readonly #ears = new Map<string, Ears>();
  /** Replicas that want to move their clocks, and wait until nobody is calling. */
  readonly #movers = new Set<() => void>();
  #nowMs = T0;
  #count = 0;
  /** The part of the journal that is written now, and where it begins. */
  #part = { url: "", first: Number.NEGATIVE_INFINITY, number: 0 };
  #lines: Lines | null = null;
  #workers = 0;
  #left: Begun | null = null;
  /** What became of the experiment that was looked at last. */
  #ended = "nothing";
  #extended = false;

  private constructor(bundle: WorkerBundle, store: Store, cluster: FakeCluster, tally: Tally, signal: AbortSignal) {
    this.#bundle = bundle;
    this.#store = store;
    this.#cluster = cluster;
    this.#folder = mkdtempSync(join(tmpdir(), "aftershock-chaos-"));
    this.#tally = tally;
    this.#signal = signal;
    cluster.at = async (name, by) => {
      if (this.#ears.get(by)?.pass(name) === false) await new Promise(() => undefined);
    };
    cluster.trouble = ({ resource }, by) => {
      const ears = this.#ears.get(by);
      const mishap = ears?.fate.mishap;
      if (ears === undefined || mishap?.where !== "call" || !ears.counting() || ears.met) return null;
      if (resource === "leases") ears.leaseWrites += 1;
      const awaited = mishap.what === "steal-lease" ? 1 : mishap.what === "steal-intent" ? 2 : null;
      if (awaited === null ? resource === "leases" : resource !== "leases" || ears.leaseWrites !== awaited) return null;
      ears.met = true;
      return mishap.what;
    };
  }

  /** @param signal ends it before the next worker */
  static async open(bundle: WorkerBundle, store: Store, tally: Tally, signal: AbortSignal): Promise<Arena> {
    return new Arena(bundle, store, await fakeCluster(T0), tally, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines?.[Symbol.asyncDispose]();
    await this.#cluster[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Plays one experiment to its end and answers the names of its points. */
  async points(trial: Trial): Promise<readonly string[]> {
    const { points } = await this.live(trial, { killAt: null });
    if (this.#ended !== (trial.sham ? "pretended" : "injected")) {
      throw new Error(`an undisturbed ${trial.name} was not injected: ${this.#ended}`);
    }
    if (trial.extended === true && !this.#extended) throw new Error(`an undisturbed ${trial.name} was not extended`);
    return points;
  }

  /**
   * One worker: it goes on with what the last one left, begins an experiment (unless null) and
   * meets its fate.
   */
  async live(trial: Trial | null, fate: Fate, seed?: number): Promise<Life> {
    const begun = trial === null ? null : this.#begin(trial, fate, seed);
    if (begun === null && fate.killAt !== null) this.#left?.again.push(fate.killAt);
    const life = await this.#run(await this.#taskFor(begun, fate), begun, fate, true);
    this.#nowMs = this.#cluster.nowMs + (fate.jumpMs ?? 0);
    if (fate.jumpMs !== undefined) count(this.#tally, "clock_jumps", trial?.name ?? "", fate);
    return life;
  }

  /**
   * Several replicas at once, all of which want to do the same slot; the first of them meets its
   * fate.
   */
  async contest(trial: Trial, fate: Fate & { readonly replicas: number }): Promise<void> {
    const begun = this.#begin(trial, fate);
    const fates = Array.from({ length: fate.replicas }, (_, i) => (i === 0 ? fate : { killAt: null }));
    const tasks: Task[] = [];
    for (const one of fates) tasks.push({ ...(await this.#taskFor(begun, one)), competes: true });
    await Promise.all(tasks.map((task, i) => this.#run(task, begun, fates[i] ?? fate, false)));
    count(this.#tally, "contests", trial.name, fate);
    this.#nowMs = this.#cluster.nowMs;
    this.#left = begun;
    await this.live(null, { killAt: null });
  }

  async #taskFor(begun: Begun | null, fate: Fate): Promise<Task> {
    this.#signal.throwIfAborted();
    const left = this.#left;
    if (left === null && this.#count - this.#part.first >= BATCH) {
      this.#part = { url: await this.#store.newPart(), first: this.#count, number: this.#part.number + 1 };
      await this.#lines?.[Symbol.asyncDispose]();
      this.#lines = null;
    }
    const onWire = fate.mishap !== undefined && fate.mishap.where !== "call";
    if (onWire) this.#lines ??= await openLines(this.#part.url, this.#cluster.url, () => this.#cluster.nowMs);
    const lines = onWire ? this.#lines : null;
    const hangs = ["hang", "silence"].includes(fate.mishap?.what ?? "");
    this.#workers += 1;
    const token = String(this.#workers);
    const current = begun ?? left;
    const folder = mkdtempSync(join(this.#folder, "worker-"));
    return {
      token,
      kubeconfig: kubeconfigFile(folder, lines?.api ?? this.#cluster.url, { token }),
      storage: lines?.storage ?? this.#part.url,
      prometheus: lines?.prometheus ?? null,
      cluster: `chaos-${process.pid}-${this.#part.number}`,
      nowMs: this.#nowMs,
      recover: left === null ? [] : [left.plan.id],
      plan: begun?.plan ?? null,
      competes: false,
      fault: current?.trial.fault ?? { kind: "pod-delete" },
      names: current?.trial.names ?? [],
      damage: [begun, left].flatMap((one) => (one === null ? [] : damageOf(one.trial, one.plan))),
      apiTimeoutMs: hangs && fate.mishap?.where !== "storage" ? IMPATIENT_MS : PATIENT_MS,
    };
  }

  #begin(trial: Trial, fate: Fate, seed = SEEDS + (fate.killAt ?? 0)): Begun {
    this.#count += 1;
    const plan = planFor(trial, this.#count, seed, Math.max(this.#nowMs, this.#cluster.nowMs));
    return { plan, trial, fate, again: [], point: null, acknowledged: false };
  }

  /**
   * Runs one worker to its end, natural or not. One that competes is not judged: whoever comes
   * after it is.
   */
  #run(task: Task, begun: Begun | null, fate: Fate, judged: boolean): Promise<Life> {
    const cluster = this.#cluster;
    const { trial } = begun ?? this.#left ?? {};
    const tick = (key: Parameters<typeof count>[1]): void => count(this.#tally, key, trial?.name ?? "none", fate);
    const child = spawn(process.execPath, [this.#bundle.script, JSON.stringify(task)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: this.#bundle.cache },
    });
    tick("workers");
    const { promise, resolve, reject } = Promise.withResolvers<Life>();
    const stuck = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`a worker got stuck: ${JSON.stringify(task)}`));
    }, STUCK_MS);
    const points: string[] = [];
    let counting = fate.fromStart === true;
    let killed = false;
    const pass = (name: string): boolean => {
      if (killed || !counting) return !killed;
      points.push(name);
      if (name === CALL_BEGINS) ears.calling = true;
      if (name === CALL_ENDS) this.#callEnded(ears);
      const { mishap } = fate;
      if (mishap !== undefined && mishap.where !== "call" && points.length === mishap.at) {
        this.#lines?.spoil(mishap.where, mishap.what);
      }
      if (begun !== null && name === "after journal.append") begun.acknowledged = true;
      if (points.length !== fate.killAt) return true;
      killed = true;
      if (begun !== null) begun.point = name;
      tick("kill_points");
      child.kill("SIGKILL");
      return false;
    };
    const ears: Ears = { pass, fate, counting: () => counting, met: false, leaseWrites: 0, calling: false };
    this.#ears.set(`Bearer ${task.token}`, ears);
    child.on("message", (message: Message) => {
      cluster.nowMs = Math.max(cluster.nowMs, message.nowMs);
      if (message.kind === "move") {
        this.#callEnded(ears);
        this.#movers.add(() => child.connected && child.send({}));
        this.#letMove();
        return;
      }
      if (message.kind === "point") {
        if (pass(message.name)) child.send({});
        return;
      }
      if (judged) {
        if (message.kind === "done") this.#left = begun;
        this.#check(message.found);
        this.#left = null;
      }
      counting = message.kind === "recovered";
    });
    child.on("exit", (code) => {
      clearTimeout(stuck);
      this.#ears.delete(`Bearer ${task.token}`);
      this.#letMove();
      const met = fate.mishap?.where === "call" ? ears.met : this.#lines?.calm() === true;
      if (fate.mishap !== undefined && met) tick("troubles");
      if (killed) this.#left ??= begun;
      if (killed || code === 0) resolve({ points, killed });
      else reject(new Error(`a worker ended with code ${code}: ${JSON.stringify(task)}`));
    });
    return promise;
  }

  #callEnded(ears: Ears): void {
    ears.calling = false;
    this.#letMove();
  }

  #letMove(): void {
    if ([...this.#ears.values()].some((one) => one.calling)) return;
    for (const move of this.#movers) move();
    this.#movers.clear();
  }

  /** Looks at the experiment that the last worker left, now that it was gone on with. */
  #check(found: readonly Found[]): void {
    const begun = this.#left;
    if (begun === null) return;
    const { plan, trial, fate, acknowledged, point, again } = begun;
    const mine = found.find((one) => one.id === plan.id);
    const { changes } = this.#cluster;
    const { ended, broken } = check({ found: mine, acknowledged, changes, standing: this.#cluster.standing() });
    this.#ended = ended;
    this.#extended = mine?.entries.some(({ event }) => event.kind === "extended") ?? false;
    changes.length = 0;
    const replay = [
      `--only ${this.#store.name} --fault ${trial.name} --seed ${plan.seed} ${argumentsOf(fate)}`,
      ...again.map((at) => `--again ${at}`),
    ].join(" ");
    for (const one of broken) {
      count(this.#tally, one.broken, trial.name, fate);
      const journal = mine?.entries ?? [];
      this.#tally.problems.push({ ...one, experiment: plan.id, seed: plan.seed, point, replay, journal });
    }
  }
}
