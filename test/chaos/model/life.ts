import type { Fault } from "../../../src/core/model/fault.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { Load } from "./build.ts";
import { check, type Findings } from "./checker.ts";
import type { LifeSettings } from "./environment.ts";
import type { Rules } from "./facts.ts";
import type { Entry } from "./history.ts";
import type { Machine } from "./machine.ts";
import type { Trouble, Wire } from "./network.ts";
import { BEGIN_MS, World } from "./world.ts";

const OPEN_MS = Date.parse("2026-11-23T09:00:00Z");
const CLOSE_MS = Date.parse("2026-11-23T10:00:00Z");
const RUN_EVERY_MS = 5 * MINUTE_MS;
/** What is open is settled by then, when nothing disturbs it any more. */
const CALM_MS = 6 * MINUTE_MS;

/** A worker, two of them, or nothing but a CronJob. */
export const FORMS = ["worker", "replicas", "jobs"] as const;
export type Form = (typeof FORMS)[number];

/** What somebody does to a world. */
export interface Life {
  readonly name: string;
  readonly form: Form;
  readonly fault: Fault;
  readonly settings?: Partial<LifeSettings>;
  /** For how long it is disturbed; after that all is quiet for a while. */
  readonly minutes: number;
  /** Done once, before anything begins. */
  readonly begin?: (world: World) => void;
  /** Told of each boundary of a request; `count` counts those since the first plan. */
  readonly point?: (world: World, at: Point) => void;
  readonly trouble?: (world: World, at: Point & { readonly wire: Wire }) => Trouble | null;
}

export interface Point {
  readonly machine: Machine;
  readonly name: string;
  /** Boundaries that the process which planned first came to since; 0: another process. */
  readonly count: number;
}

export interface Lived extends Findings {
  readonly history: readonly Entry[];
  /** Boundaries of the first experiment's life. */
  readonly points: number;
}

const SETTINGS: LifeSettings = {
  faults: [],
  names: [],
  shamShare: 0,
  seed: 3,
  perDay: 4,
  lateAfterMs: MINUTE_MS,
  openDamageMax: 5,
  freezes: [],
};

const CALLS: readonly (readonly [caller: string, callee: string])[] = [
  ["go-app/repeater", "go-app/go-app"],
  ["go-app/go-app", "go-app/go-app-db"],
  ["go-app/load", "go-app/repeater"],
];

function around(services: readonly string[]): readonly string[] {
  const next = CALLS.flatMap(([caller, callee]) => [
    ...(services.includes(callee) ? [caller] : []),
    ...(services.includes(caller) ? [callee] : []),
  ]);
  return [...services, ...next];
}

/** Plays one life from its beginning to a quiet end, and checks its whole history. */
export async function live(load: Load, life: Life): Promise<Lived> {
  const settings = { ...SETTINGS, faults: [life.fault], ...life.settings };
  let first: Machine | null = null;
  let count = 0;
  let points = 0;
  const at = (machine: Machine, name: string): Point => ({ machine, name, count: machine === first ? count : 0 });
  const world: World = new World(load, settings, {
    point(machine, name) {
      if (first === null && name === "after append planned") first = machine;
      if (machine === first) {
        count += 1;
        if (!over(world)) points = count;
      }
      if (world.time.nowMs < quietMs) life.point?.(world, at(machine, name));
    },
    trouble(machine, wire, name) {
      return world.time.nowMs < quietMs ? (life.trouble?.(world, { ...at(machine, name), wire }) ?? null) : null;
    },
  });
  const quietMs = BEGIN_MS + life.minutes * MINUTE_MS;
  const endMs = quietMs + CALM_MS;
  life.begin?.(world);
  if (life.form === "jobs") world.time.later(MINUTE_MS, () => world.repeat(RUN_EVERY_MS, endMs));
  else for (let i = life.form === "replicas" ? 2 : 1; i > 0; i--) world.keep(endMs);
  await world.time.run(endMs);
  await settleAll(world);
  const rules: Rules = { allowed: allowedBy(settings), lateAfterMs: settings.lateAfterMs, around };
  return { ...check(world.history, rules), history: world.history, points };
}

/** The first experiment has come to its verdict or to nothing. */
function over({ history }: World): boolean {
  return history.some(
    (one) => one.on === "journal" && ["refused", "missed", "not-injected", "notified"].includes(one.event.kind),
  );
}

/** Whoever looks last finds nothing left: what still runs is ended, and `look` goes on with it. */
async function settleAll(world: World): Promise<void> {
  for (const machine of world.machines) {
    machine.go();
    world.terminate(machine);
  }
  await world.time.run(world.time.nowMs + 40 * SECOND_MS);
  world.kubernetes.aheadMs = 0;
  const last = world.start("look");
  await world.time.run(world.time.nowMs + 30 * MINUTE_MS, () => !last.alive);
}

function allowedBy({ freezes }: LifeSettings) {
  const bounds = freezes.toSorted((a, b) => a.fromMs - b.fromMs);
  let fromMs = OPEN_MS;
  const allowed = bounds.map((freeze) => {
    const before = { fromMs, toMs: Math.min(freeze.fromMs, CLOSE_MS) };
    fromMs = freeze.toMs;
    return before;
  });
  return [...allowed, { fromMs, toMs: CLOSE_MS }].filter((one) => one.fromMs < one.toMs);
}
