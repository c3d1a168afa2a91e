import type { Break } from "./breaks.ts";
import { buildPrograms, type Load } from "./build.ts";
import { FORMS, type Form, type Life, type Lived, live } from "./life.ts";
import { FAULTS, GROUPS, type Group, lifeOf } from "./lives.ts";

/** What a campaign counts. */
export interface Tally {
  lives: number;
  kill_points: number;
  troubles: number;
  calls: number;
  /** Calls of processes that were stopped between their last look and the sending. */
  frozen_calls: number;
  violations: Record<string, number>;
  /** Lives by what was done in them. */
  readonly by_group: Record<string, { lives: number; broken: number }>;
  /** The first of each kind, with what plays it again. */
  readonly problems: { readonly promise: string; readonly what: string; readonly life: string }[];
}

export const emptyTally = (): Tally => ({
  lives: 0,
  kill_points: 0,
  troubles: 0,
  calls: 0,
  frozen_calls: 0,
  violations: {},
  by_group: {},
  problems: [],
});

/** Problems that are told; more of the same say nothing new. */
const TOLD = 40;

/** Boundaries of undisturbed lives: the same for every group. */
const lengths = new Map<string, number>();

async function lengthOf(load: Load, form: Form, fault: string): Promise<number> {
  const key = `${form}/${fault}`;
  const known = lengths.get(key);
  if (known !== undefined) return known;
  const [undisturbed] = GROUPS;
  if (undisturbed === undefined) throw new RangeError("no group");
  const { points } = await live(load, lifeOf(undisturbed, form, fault, 0));
  lengths.set(key, points);
  return points;
}

/**
 * The lives of `groups`, every so many of those that are played at each boundary.
 * @param sound a program without any break, by which boundaries are counted
 */
export async function* livesOf(sound: Load, groups: readonly Group[], every: number): AsyncGenerator<Life> {
  let turn = 0;
  for (const group of groups)
    for (const form of FORMS.filter((one) => group.forms.includes(one)))
      for (const fault of group.faults) {
        const length = group.everywhere ? await lengthOf(sound, form, fault) : 1;
        turn += 1;
        for (let at = group.everywhere ? 1 + (turn % every) : 1; at <= length; at += group.everywhere ? every : 1)
          yield lifeOf(group, form, fault, at);
      }
}

/** Plays one life and adds it up. */
export async function playInto(tally: Tally, load: Load, life: Life): Promise<Lived> {
  const lived = await live(load, life);
  const { history, broken, calls, frozen } = lived;
  tally.lives += 1;
  tally.calls += calls;
  tally.frozen_calls += frozen;
  const name = life.name.split(" / ")[0] ?? "";
  const group = tally.by_group[name] ?? { lives: 0, broken: 0 };
  tally.by_group[name] = group;
  group.lives += 1;
  if (broken.length > 0) group.broken += 1;
  for (const entry of history) {
    if (entry.on === "process" && entry.state === "killed" && !entry.by.startsWith("halt")) tally.kill_points += 1;
    if (isTrouble(entry)) tally.troubles += 1;
  }
  for (const [promise, what] of broken) {
    tally.violations[promise] = (tally.violations[promise] ?? 0) + 1;
    if (tally.problems.length < TOLD) tally.problems.push({ promise, what, life: life.name });
  }
  return lived;
}

const isTrouble = (entry: Lived["history"][number]): boolean =>
  entry.on === "trouble" ||
  entry.on === "storage" ||
  entry.on === "halt" ||
  (entry.on === "process" && (entry.state === "stopped" || entry.state === "terminated"));

/** The life of this name. @throws RangeError when there is none */
export function namedLife(name: string): Life {
  const [group = "", form = "", fault = "", at = "1"] = name.split(" / ");
  const found = GROUPS.find((one) => one.name === group);
  if (found === undefined || !FORMS.includes(form as Form) || !(fault in FAULTS))
    throw new RangeError(`no life "${name}"; groups are ${GROUPS.map((one) => one.name).join(", ")}`);
  return lifeOf(found, form as Form, fault, Number(at));
}

/** How a break was found out. */
export interface Noticed {
  /** The promise, and the life in which it was broken; null: it was not noticed. */
  readonly by: { readonly promise: string; readonly what: string; readonly life: string } | null;
  readonly lives: number;
}

/**
 * Plays the lives that must notice a break, widely spaced ones first, until one does.
 * @param most lives that are tried
 */
export async function noticed(sound: Load, its: Break, most: number, signal: AbortSignal): Promise<Noticed> {
  const broken = await buildPrograms([its, ...(its.also ?? [])]);
  const names = new RegExp(its.lives);
  const groups = GROUPS.filter((group) => names.test(group.name));
  const fits = ({ name }: Life): boolean => {
    const [, form, fault] = name.split(" / ");
    return (its.form ?? form) === form && (its.fault ?? fault) === fault;
  };
  const seen = new Set<string>();
  for (const every of [41, 13, 5, 2, 1]) {
    for await (const life of livesOf(sound, groups, every)) {
      if (!fits(life) || seen.has(life.name)) continue;
      if (seen.size >= most) return { by: null, lives: seen.size };
      signal.throwIfAborted();
      seen.add(life.name);
      const first = (await live(broken, life)).broken.find(([promise]) => promise === (its.promise ?? promise));
      if (first !== undefined) return { by: { promise: first[0], what: first[1], life: life.name }, lives: seen.size };
    }
  }
  return { by: null, lives: seen.size };
}
