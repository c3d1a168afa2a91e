import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ENDED, replay } from "../../src/core/experiment/life.ts";
import type { ExperimentEvent, ExperimentPlan, ExperimentState } from "../../src/core/model/experiment.ts";
import type { Fault } from "../../src/core/model/fault.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { slotId } from "../../src/core/schedule/slots.ts";
import { kubeconfigFile } from "../integration/kubernetes/support/serve.ts";
import { experimentPlan } from "../support/experiments.ts";
import type { WorkerBundle } from "./bundle.ts";
import { type FakeCluster, fakeCluster, type Trouble } from "./fake-cluster.ts";
import type { Found, Message, Task } from "./protocol.ts";

/** What a run of the harness found. */
export interface Tally {
  kill_points: number;
  double_injections: number;
  lost_experiments: number;
  left_behind: number;
  /** Intents without an outcome, outcomes that are not what the cluster saw, journals that replay to another state. */
  unresolved: number;
  /** Requests to the API that were answered late, twice, with an error, not at all, or cut off. */
  troubles: number;
  clock_jumps: number;
  /** Points at which a second replica was at work on the same slot. */
  contests: number;
  readonly problems: string[];
}

export const emptyTally = (): Tally => ({
  kill_points: 0,
  double_injections: 0,
  lost_experiments: 0,
  left_behind: 0,
  unresolved: 0,
  troubles: 0,
  clock_jumps: 0,
  contests: 0,
  problems: [],
});

const T0 = Date.parse("2026-11-23T09:15:00Z");
const STANDING_MS = MINUTE_MS;
export const FAULTS: readonly Fault[] = [
  { kind: "pod-delete" },
  { kind: "pod-evict" },
  { kind: "pod-kill" },
  { kind: "node-drain", durationMs: STANDING_MS },
  { kind: "zone-outage", durationMs: STANDING_MS },
  { kind: "http-abort", durationMs: STANDING_MS, httpStatus: 503, percent: 50 },
  { kind: "http-delay", durationMs: STANDING_MS, delayMs: 500, percent: 50 },
];

/** Experiments that share a part of the journal: later ones read the earlier ones. */
const BATCH = 20;
/** A busy machine must not look like an API server that hangs; one that does is not waited for, ms. */
const PATIENT_MS = 20_000;
const IMPATIENT_MS = 1_500;
/** A worker that neither comes to its point nor ends is a defect. */
const STUCK_MS = 120_000;

interface Begun {
  readonly plan: ExperimentPlan;
  readonly fault: Fault;
  /** The journal acknowledged the plan. */
  acknowledged: boolean;
}

/** What one worker is to meet. */
export interface Fate {
  /** Killed at this point of its own experiment, counted from 1; null: it lives. */
  readonly killAt: number | null;
  /** The points of going on with what was left are counted, too. */
  readonly fromStart?: boolean;
  /** The first request that injects meets this. */
  readonly trouble?: Trouble;
  /** The clock of the next worker differs by this. */
  readonly jumpMs?: number;
}

/** How a worker fared. */
export interface Life {
  /** Points of its own experiment that it came to. */
  readonly reached: number;
  readonly killed: boolean;
}

/** A cluster and a storage in which workers live and die one after the other. */
export class Arena implements AsyncDisposable {
  readonly #bundle: WorkerBundle;
  readonly #storage: string;
  readonly #cluster: FakeCluster;
  readonly #folder: string;
  readonly #tally: Tally;
  #nowMs = T0;
  #count = 0;
  /** The part of the journal that is written now. */
  #part = 0;
  #workers = 0;
  #left: Begun | null = null;
  /** What became of the experiment that was looked at last. */
  #ended = "nothing";

  private constructor(bundle: WorkerBundle, storage: string, cluster: FakeCluster, folder: string, tally: Tally) {
    this.#bundle = bundle;
    this.#storage = storage;
    this.#cluster = cluster;
    this.#folder = folder;
    this.#tally = tally;
  }

  /** @param storage URL; `{folder}` stands for a folder of the arena's own */
  static async open(bundle: WorkerBundle, storage: string, tally: Tally): Promise<Arena> {
    return new Arena(bundle, storage, await fakeCluster(T0), mkdtempSync(join(tmpdir(), "aftershock-chaos-")), tally);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Plays one experiment to its end and answers how many points it has. */
  async points(fault: Fault): Promise<number> {
    const { reached } = await this.live(fault, { killAt: null });
    if (this.#ended === "injected") return reached;
    throw new Error(`an undisturbed ${fault.kind} was not injected: ${this.#ended}`);
  }

  /** One worker: it goes on with what the last one left, begins an experiment (unless null) and meets its fate. */
  async live(fault: Fault | null, fate: Fate): Promise<Life> {
    const begun = fault === null ? null : this.#begin(fault);
    const life = await this.#run(this.#taskFor(begun, fate), begun, fate);
    this.#nowMs = this.#cluster.nowMs + (fate.jumpMs ?? 0);
    if (fate.jumpMs !== undefined) this.#tally.clock_jumps += 1;
    return life;
  }

  /** Several replicas at once, all of which want to do the same slot. */
  async contest(fault: Fault, replicas: number): Promise<void> {
    const begun = this.#begin(fault);
    const lives = await Promise.all(
      Array.from({ length: replicas }, () =>
        this.#run(this.#taskFor(begun, { killAt: null }), begun, { killAt: null }, true),
      ),
    );
    this.#tally.contests += lives.length;
    this.#nowMs = this.#cluster.nowMs;
    this.#left = begun;
    await this.live(null, { killAt: null });
  }

  #taskFor(begun: Begun | null, fate: Fate): Task {
    const left = this.#left;
    if (left === null && this.#count - this.#part >= BATCH) this.#part = this.#count;
    this.#workers += 1;
    return {
      kubeconfig: kubeconfigFile(mkdtempSync(join(this.#folder, "worker-")), this.#cluster.url, {
        token: String(this.#workers),
      }),
      storage: this.#storage.replace("{folder}", join(this.#folder, `data-${this.#part}`)),
      cluster: `chaos-${process.pid}-${this.#part}`,
      nowMs: this.#nowMs,
      recover: left === null ? [] : [left.plan.id],
      plan: begun?.plan ?? null,
      fault: begun?.fault ?? left?.fault ?? { kind: "pod-delete" },
      apiTimeoutMs: fate.trouble === "hang" ? IMPATIENT_MS : PATIENT_MS,
    };
  }

  #begin(fault: Fault): Begun {
    this.#count += 1;
    const slotMs = Math.ceil((Math.max(this.#nowMs, this.#cluster.nowMs) + HOUR_MS) / 1000) * 1000;
    const id = slotId(`chaos-${this.#count}`, slotMs);
    const plan = experimentPlan({
      id,
      policy: "chaos",
      slotMs,
      seed: this.#count,
      geometry: {
        stepMs: MINUTE_MS,
        beforeMs: 10 * MINUTE_MS,
        earlyMs: MINUTE_MS,
        graceMs: MINUTE_MS,
        lateMs: MINUTE_MS,
      },
    });
    return { plan, fault, acknowledged: false };
  }

  /** Runs one worker to its end, natural or not. One that competes is not judged: whoever comes after it is. */
  #run(task: Task, begun: Begun | null, fate: Fate, competes = false): Promise<Life> {
    const cluster = this.#cluster;
    const child = spawn(process.execPath, [this.#bundle.script, JSON.stringify(task)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: this.#bundle.cache },
    });
    const { promise, resolve, reject } = Promise.withResolvers<Life>();
    const stuck = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`a worker got stuck: ${JSON.stringify(task)}`));
    }, STUCK_MS);
    let reached = 0;
    let counting = fate.fromStart === true;
    let killed = false;
    let troubled = false;
    /** False when the worker was killed here. */
    const pass = (name: string): boolean => {
      if (killed || !counting) return !killed;
      reached += 1;
      if (begun !== null && name === "after journal.append") begun.acknowledged = true;
      if (reached !== fate.killAt) return true;
      killed = true;
      this.#tally.kill_points += 1;
      child.kill("SIGKILL");
      return false;
    };
    cluster.at = async (name) => {
      if (!pass(name)) await new Promise(() => undefined);
    };
    cluster.trouble = ({ resource }) => {
      const fits = (fate.trouble === "steal-lease") === (resource === "leases");
      if (fate.trouble === undefined || !counting || troubled || !fits) return null;
      troubled = true;
      this.#tally.troubles += 1;
      return fate.trouble;
    };
    child.on("message", (message: Message) => {
      cluster.nowMs = Math.max(cluster.nowMs, message.nowMs);
      if (message.kind === "point") {
        if (pass(message.name)) child.send({});
        return;
      }
      if (!competes) {
        if (message.kind === "done") this.#left = begun;
        this.#check(message.found);
        this.#left = null;
      }
      counting = message.kind === "recovered";
    });
    child.on("exit", (code) => {
      clearTimeout(stuck);
      if (killed) this.#left ??= begun;
      if (killed || code === 0) resolve({ reached, killed });
      else reject(new Error(`a worker ended with code ${code}: ${JSON.stringify(task)}`));
    });
    return promise;
  }

  /** What must be true of the experiment that the last worker left, now that it was gone on with. */
  #check(found: readonly Found[]): void {
    const begun = this.#left;
    if (begun === null) return;
    const { id } = begun.plan;
    const problem = (
      key: "double_injections" | "lost_experiments" | "left_behind" | "unresolved",
      what: string,
    ): void => {
      this.#tally[key] += 1;
      this.#tally.problems.push(`${key}: ${id} (${begun.fault.kind}): ${what}`);
    };
    const entries = found.find((one) => one.id === id)?.entries ?? [];
    const state = replay(entries.map((entry) => entry.event as ExperimentEvent));
    this.#ended = state.refusal === null ? state.injection : `${state.refusal.gate}: ${state.refusal.why}`;
    const folded = found.find((one) => one.id === id)?.state as ExperimentState | undefined;
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(state)), folded))
      problem("unresolved", "replays to another state");
    if (begun.acknowledged && !ENDED.includes(state.phase)) problem("lost_experiments", `it is still ${state.phase}`);

    const mine = this.#cluster.changes.filter((change) => change.injects);
    const applied = mine.filter((change) => change.applied);
    const workers = new Set(mine.map((change) => change.by));
    if (workers.size > 1) problem("double_injections", `workers ${[...workers].join(", ")} gave orders`);
    // A copy of the same request can only meet the same incarnation, which is going already.
    const orders = applied.filter((change) => !change.copy);
    const twice = orders.filter((change, i) => orders.findIndex((other) => other.object === change.object) < i);
    if (twice.length > 0) problem("double_injections", `${twice[0]?.object} was hit twice`);
    const pods = new Set(state.choice?.target.pods.map((pod) => pod.uid));
    const strangers = applied.filter(
      ({ request, object }) => request.resource === "pods" && !pods.has(object.split(" ").at(-1) ?? ""),
    );
    if (strangers.length > 0) problem("double_injections", `${strangers[0]?.object} was not the target`);
    const says = state.injection === "injected" || state.injection === "unsure";
    // A cordon or a route that meets a refusal later in the same call is taken back within it.
    const hit = applied.some(({ request }) => request.resource === "pods") || (applied.length > 0 && says);
    if (hit !== says) problem("unresolved", `it says ${state.injection}, and ${applied.length} changes were made`);
    const stands = this.#cluster.standing();
    if (stands.length > 0) problem("left_behind", stands.join(", "));
    this.#cluster.changes.length = 0;
  }
}
