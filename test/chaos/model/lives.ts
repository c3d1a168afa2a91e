import type { Fault } from "../../../src/core/model/fault.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { Of } from "./history.ts";
import { FORMS, type Form, type Life, type Point } from "./life.ts";
import { TROUBLES } from "./network.ts";
import { BEGIN_MS, type World } from "./world.ts";

/** Lives of one kind: what is done at one boundary is done at each of them. */
export interface Group {
  readonly name: string;
  readonly forms: readonly Form[];
  readonly faults: readonly string[];
  /** At every boundary of an undisturbed life something is done; false: it is one life. */
  readonly everywhere: boolean;
  life(form: Form, fault: Fault, at: number): Omit<Life, "name" | "form" | "fault">;
}

const STANDING_MS = MINUTE_MS;
export const FAULTS: Readonly<Record<string, Fault>> = {
  "pod-delete": { kind: "pod-delete" },
  "pod-evict": { kind: "pod-evict" },
  "pod-kill": { kind: "pod-kill" },
  "node-drain": { kind: "node-drain", durationMs: STANDING_MS },
  "zone-outage": { kind: "zone-outage", durationMs: STANDING_MS },
  "http-abort": { kind: "http-abort", durationMs: STANDING_MS, httpStatus: 503, percent: 50 },
  "http-delay": { kind: "http-delay", durationMs: STANDING_MS, delayMs: 500, percent: 50 },
};
const ALL = Object.keys(FAULTS);
const SOME = ["pod-delete", "node-drain", "http-abort"];
const LONG_FAULT_MS = 5 * MINUTE_MS;
/** Longer than a fault, its margin and a sweep. */
const STORAGE_AWAY_MS = 4 * MINUTE_MS;
/** In most lives one experiment is disturbed, and a second one follows. */
const MINUTES = 12;

/** A CronJob's first run. */
const FIRST_RUN_MS = BEGIN_MS + MINUTE_MS;

/** Does `work` when the process that planned first comes to its boundary `at`. */
const when =
  (at: number, work: (world: World, point: Point) => void): NonNullable<Life["point"]> =>
  (world, point) => {
    if (point.count === at) work(world, point);
  };

const kill = ({ machine }: Point): void => machine.kill();

function stopFor(world: World, { machine }: Point, ms: number): void {
  machine.stop();
  world.time.later(ms, () => machine.go());
}

const disturb = (
  name: string,
  work: (world: World, point: Point, at: number) => void,
  { faults = SOME, forms = ["worker", "jobs"] }: { faults?: readonly string[]; forms?: readonly Form[] } = {},
): Group => ({
  name,
  forms,
  faults,
  everywhere: true,
  life: (_form, _fault, at) => ({ minutes: MINUTES, point: when(at, (world, point) => work(world, point, at)) }),
});

/** The answer to request `at` comes seconds later, and `work` is done in between. */
const meanwhile = (
  name: string,
  work: (world: World) => void,
  settings: Life["settings"] = {},
  faults: readonly string[] = ["pod-delete"],
): Group => ({
  name,
  forms: ["worker", "jobs"],
  faults,
  everywhere: true,
  life: (_form, _fault, at) => ({
    minutes: MINUTES,
    settings,
    point: when(at, (world) => void world.time.later(SECOND_MS, () => work(world))),
    trouble: (_world, point) => (point.count === at ? "slow" : null),
  }),
});

/** Whatever is asked to be, but only for a request of this kind. */
const byName = (
  name: string,
  asked: RegExp,
  work: (world: World, point: Point) => void,
  faults = ["pod-delete"],
): Group => ({
  name,
  forms: FORMS,
  faults,
  everywhere: false,
  life: () => {
    let done = false;
    return {
      minutes: MINUTES,
      point(world, point) {
        if (done || !asked.test(point.name)) return;
        done = true;
        work(world, point);
      },
    };
  },
});

const CALL = /^(DELETE .*\/pods\/|POST .*\/(eviction|virtualservices)$)/;
const isOpen = (lease: Of<"lease">): boolean => lease.intent !== null && lease.intent.outcome === null;
const LEASE_WRITE = /^before PUT .*leases\/aftershock$/;

/** Another replica takes the lease just before the `nth` write of it since the plan. */
const stealBefore = (nth: number): Group => ({
  name: `the lease is stolen before write ${nth}`,
  forms: ["worker", "jobs"],
  faults: SOME,
  everywhere: false,
  life: () => {
    let writes = 0;
    return {
      minutes: MINUTES,
      point(world, { count, name }) {
        if (count === 0 || !LEASE_WRITE.test(name)) return;
        writes += 1;
        if (writes === nth) world.kubernetes.steal();
      },
    };
  },
});

/** Of all requests: enough for a verdict, too little for the gate that asks who is degraded now. */
const DAMAGE = 0.03;

/** Services fail after each hit until `minutes` later, or for good. */
const damage = (name: string, service: string, names: readonly string[], minutes: number): Group => ({
  name,
  forms: ["worker", "jobs"],
  faults: ["pod-delete"],
  everywhere: false,
  life: () => ({
    minutes: 40,
    settings: { names, perDay: 12 },
    begin(world) {
      world.failing = (one, atMs) => {
        const hit = world.history.find((entry) => entry.on === "call" && entry.applied);
        return one === service && hit !== undefined && atMs >= hit.atMs && atMs < hit.atMs + minutes * MINUTE_MS
          ? DAMAGE
          : 0;
      };
    },
  }),
});

const partial = (asked: string): Group => ({
  name: `metrics answer ${asked} in part`,
  forms: ["worker", "jobs"],
  faults: ["pod-delete"],
  everywhere: false,
  life: () => ({
    minutes: MINUTES,
    settings: { names: ["go-app"] },
    begin(world) {
      world.metrics = (ask) => ({ partial: ask === asked });
    },
  }),
});

/** The network to the storage is gone for so long, and its last second is lost: a fail-over. */
function failOver(world: World, ms: number): void {
  world.network.lose("storage", ms);
  world.time.later(ms, () => world.storage.rollBack(ms + SECOND_MS));
}

export const GROUPS: readonly Group[] = [
  { name: "undisturbed", forms: FORMS, faults: ALL, everywhere: false, life: () => ({ minutes: MINUTES }) },
  {
    name: "sham",
    forms: FORMS,
    faults: ["pod-delete"],
    everywhere: false,
    life: () => ({ minutes: MINUTES, settings: { shamShare: 1 } }),
  },
  disturb("killed", (_world, point) => kill(point), { faults: ALL, forms: FORMS }),
  disturb("killed, and again", (world, point, at) => {
    kill(point);
    world.time.later(8 * SECOND_MS + at * 300, () =>
      world.machines
        .filter(({ alive }) => alive)
        .at(-1)
        ?.kill(),
    );
  }),
  ...TROUBLES.map(
    (what): Group => ({
      name: `request ${what}`,
      forms: ["worker", "jobs"],
      faults: SOME,
      everywhere: true,
      life: (_form, _fault, at) => ({
        minutes: MINUTES,
        trouble: (_world, point) => (point.count === at ? what : null),
      }),
    }),
  ),
  ...TROUBLES.map(
    (what): Group => ({
      name: `request ${what}, then killed`,
      forms: ["worker", "jobs"],
      faults: SOME,
      everywhere: true,
      life: (_form, _fault, at) => ({
        minutes: MINUTES,
        trouble: (_world, point) => (point.count === at ? what : null),
        point: when(at + 2 + (at % 3), (_world, point) => kill(point)),
      }),
    }),
  ),
  ...[3, 40, 300].map((seconds) =>
    disturb(`stopped for ${seconds} s`, (world, point) => stopFor(world, point, seconds * SECOND_MS), {
      forms: FORMS,
      faults: seconds === 40 ? SOME : ["pod-delete", "http-abort"],
    }),
  ),
  disturb("told to end", (world, { machine }) => world.terminate(machine)),
  disturb("told to end, storage away", (world, { machine }) => {
    world.network.lose("storage", 40 * SECOND_MS);
    world.terminate(machine);
  }),
  ...[1, -1].flatMap((sign) => [
    disturb(`the machine's clock is set by ${sign} h`, (_world, { machine }) => {
      machine.aheadMs += sign * HOUR_MS;
    }),
    disturb(`the API server's clock is set by ${sign} h`, ({ kubernetes }) => {
      kubernetes.aheadMs += sign * HOUR_MS;
    }),
    disturb(`the API server's clock is set by ${sign} h, then killed`, ({ kubernetes, time }, point) => {
      kubernetes.aheadMs += sign * HOUR_MS;
      time.later(10 * SECOND_MS, () => kill(point));
    }),
  ]),
  ...[1, -1].map((sign) =>
    byName(
      `the API server's clock is set by ${sign} h in the call`,
      /^before (DELETE .*\/pods\/|POST .*\/eviction$)/,
      ({ kubernetes }) => {
        kubernetes.aheadMs += sign * HOUR_MS;
      },
      ["pod-delete", "pod-evict", "pod-kill", "node-drain", "zone-outage"],
    ),
  ),
  {
    name: "clocks an hour apart",
    forms: ["replicas", "jobs"],
    faults: SOME,
    everywhere: false,
    life: () => ({
      minutes: MINUTES,
      begin(world) {
        world.time.later(0, () => {
          for (const [i, machine] of world.machines.entries()) machine.aheadMs = i * HOUR_MS;
        });
      },
    }),
  },
  ...[2_000, 50, 0].map(
    (ms): Group => ({
      name: ms === 0 ? "two runs at the same moment" : `two runs ${ms} ms apart`,
      forms: ["jobs"],
      faults: SOME,
      everywhere: false,
      life: () => ({
        minutes: MINUTES,
        begin: (world) => void world.time.later(MINUTE_MS + ms, () => world.start("run")),
      }),
    }),
  ),
  {
    name: "the API server's clock is set back while a fault is active",
    forms: ["worker", "jobs"],
    faults: ["node-drain", "http-abort"],
    everywhere: false,
    life: (_form, fault) => ({
      minutes: 20,
      settings: { faults: [{ ...fault, durationMs: LONG_FAULT_MS } as Fault] },
      point(world, { name }) {
        if (/^after append injected$/.test(name)) world.kubernetes.aheadMs = -HOUR_MS;
      },
    }),
  },
  ...[3, 10].map((seconds) =>
    disturb(`storage rolled back by ${seconds} s`, ({ storage }) => storage.rollBack(seconds * SECOND_MS), {
      forms: FORMS,
    }),
  ),
  disturb(
    "storage rolled back by 10 s, then killed",
    ({ storage, time }, point) => {
      storage.rollBack(10 * SECOND_MS);
      time.later(10, () => kill(point));
    },
    { forms: FORMS },
  ),
  disturb("storage fails over", (world) => failOver(world, 10 * SECOND_MS), { forms: FORMS }),
  ...(["refuses", "silent"] as const).flatMap((how) => [
    disturb(`storage ${how} for 4 min`, (world) => world.network.lose("storage", STORAGE_AWAY_MS, how), {
      faults: [...SOME, "http-delay"],
    }),
    disturb(`storage ${how} for 4 min, then killed`, (world, point) => {
      world.network.lose("storage", STORAGE_AWAY_MS, how);
      world.time.later(10, () => kill(point));
    }),
  ]),
  disturb("the API server is away", (world) => world.network.lose("api", 30 * SECOND_MS)),
  disturb("halted", (world) => world.halt()),
  {
    name: "halted, and nobody hears of it",
    forms: ["worker", "jobs"],
    faults: SOME,
    everywhere: true,
    life: (_form, _fault, at) => ({
      minutes: MINUTES,
      begin(world) {
        world.watchMs = 10 * SECOND_MS;
      },
      point: when(at, (world) => world.halt()),
    }),
  },
  {
    name: "killed while its call arrives late",
    forms: FORMS,
    faults: ["pod-delete", "pod-evict", "http-abort"],
    everywhere: false,
    life: () => {
      let called = false;
      return {
        minutes: MINUTES,
        trouble(world, { machine, name }) {
          if (called || !CALL.test(name)) return null;
          called = true;
          world.time.later(100, () => machine.kill());
          return "late";
        },
      };
    },
  },
  {
    name: "its call arrives late while another run begins",
    forms: ["worker", "jobs"],
    faults: ["pod-delete", "pod-evict", "http-abort"],
    everywhere: false,
    life: () => {
      let called = false;
      return {
        minutes: MINUTES,
        trouble(world, { machine, name }) {
          if (called || !CALL.test(name)) return null;
          called = true;
          world.time.later(100, () => machine.kill());
          world.time.later(SECOND_MS, () => world.start("run"));
          return "late";
        },
      };
    },
  },
  {
    name: "credentials take 5 s at the call",
    forms: ["worker", "jobs"],
    faults: ALL,
    everywhere: false,
    life: () => ({
      minutes: MINUTES,
      begin(world) {
        // the second note is that of the last look; what comes next is the call
        world.credentialsMs = ({ name }) => {
          const notes = world.history.filter((one) => one.on === "lease" && one.by === name && isOpen(one));
          const called = world.history.some((one) => one.on === "call" && one.by === name);
          return notes.length >= 2 && !called ? 5 * SECOND_MS : 0;
        };
      },
    }),
  },
  {
    name: "killed between cordon and eviction, and the first undo is lost",
    forms: ["worker", "jobs"],
    faults: ["node-drain", "zone-outage"],
    everywhere: false,
    life: () => {
      let killed = false;
      let lost = false;
      return {
        minutes: MINUTES,
        point(_world, { machine, name }) {
          if (killed || !/^after PATCH nodes/.test(name)) return;
          killed = true;
          machine.kill();
        },
        trouble(_world, { name }) {
          if (!killed || lost || !/^PATCH nodes/.test(name)) return null;
          lost = true;
          return "lost";
        },
      };
    },
  },
  meanwhile("halted while a request is slow", (world) => world.halt()),
  {
    name: "halted while a request arrives late",
    forms: ["worker", "jobs"],
    faults: ["pod-delete", "http-abort"],
    everywhere: true,
    life: (_form, _fault, at) => ({
      minutes: MINUTES,
      point: when(at, (world) => void world.time.later(SECOND_MS, () => world.halt())),
      trouble: (_world, point) => (point.count === at ? "late" : null),
    }),
  },
  {
    name: "a freeze begins while a request is slow",
    forms: ["jobs"],
    faults: ["pod-delete", "http-abort"],
    everywhere: true,
    life: (_form, _fault, at) => ({
      minutes: MINUTES,
      settings: { freezes: [{ fromMs: FIRST_RUN_MS + SECOND_MS, toMs: FIRST_RUN_MS + HOUR_MS / 2 }] },
      trouble: (_world, point) => (point.count === at ? "slow" : null),
    }),
  },
  {
    name: "it gets late while a request is slow",
    forms: ["worker", "jobs"],
    faults: ["pod-delete"],
    everywhere: true,
    life: (_form, _fault, at) => ({
      minutes: MINUTES,
      settings: { lateAfterMs: SECOND_MS },
      trouble: (_world, point) => (point.count === at ? "slow" : null),
    }),
  },
  meanwhile("another pod is lost while a request is slow", ({ kubernetes }) => kubernetes.loseOne("go-app"), {
    names: ["go-app"],
  }),
  byName(
    "the pod's name is used again before the call",
    /^before DELETE .*pods\//,
    (world, { name }) => world.kubernetes.reuse(name.split("/").at(-1) ?? ""),
    ["pod-delete", "pod-kill"],
  ),
  byName(
    "the pod's name is used again before the eviction",
    /^before POST .*pods\/.*\/eviction/,
    (world, { name }) => world.kubernetes.reuse(name.split("/").at(-2) ?? ""),
    ["pod-evict"],
  ),
  ...[1, 2, 3, 4, 5].map(stealBefore),
  ...["edges", "recent", "health", "alerts"].map(partial),
  damage("a caller is damaged for good", "go-app/go-app", ["go-app-db", "go-app"], 600),
  damage("a caller is damaged for ten minutes", "go-app/go-app", ["go-app-db", "go-app", "repeater"], 10),
  {
    name: "counts cannot be read for ten minutes after an experiment",
    forms: ["worker", "jobs"],
    faults: ["pod-delete"],
    everywhere: false,
    life: () => ({
      minutes: 30,
      settings: { perDay: 12 },
      begin(world) {
        const until = () => world.history.find((one) => one.on === "call")?.atMs ?? Number.POSITIVE_INFINITY;
        world.metrics = (ask) => ({
          partial: ask === "counts" && world.time.nowMs > until() && world.time.nowMs < until() + 10 * MINUTE_MS,
        });
      },
    }),
  },
  {
    name: "nobody scraped what came after an experiment",
    forms: ["worker", "jobs"],
    faults: ["pod-delete", "http-abort"],
    everywhere: false,
    life: () => ({
      minutes: 40,
      settings: { perDay: 12, names: ["go-app-db", "go-app"] },
      begin(world) {
        const hitMs = () => world.history.find((one) => one.on === "call")?.atMs ?? Number.POSITIVE_INFINITY;
        world.unseen = (atMs) => atMs > hitMs() && atMs < hitMs() + 10 * MINUTE_MS;
      },
    }),
  },
];

/** One life of a group, by a name that tells how to play it again. */
export function lifeOf(group: Group, form: Form, fault: string, at: number): Life {
  const kind = FAULTS[fault];
  if (kind === undefined) throw new RangeError(`no fault ${fault}`);
  const name = `${group.name} / ${form} / ${fault}${group.everywhere ? ` / ${at}` : ""}`;
  return { name, form, fault: kind, ...group.life(form, kind, at) };
}
