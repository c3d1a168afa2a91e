import { BREAKS } from "./breaks.ts";
import { buildPrograms } from "./build.ts";
import { emptyTally, livesOf, namedLife, noticed, playInto, type Tally } from "./campaign.ts";
import { GROUPS } from "./lives.ts";

/** Lives that a break is tried on before it counts as not noticed. */
const MOST_LIVES = 400;

/** What was found out about the checker itself. */
export interface BreaksTried {
  breaks_tried: number;
  breaks_noticed: number;
  readonly not_noticed: string[];
}

type Say = (line: string) => void;

/**
 * Plays all lives into `tally`, every so many of those that are played at each boundary.
 * @param only names of groups, or a part of one
 */
export async function playLives(tally: Tally, every: number, say: Say, signal: AbortSignal, only = ""): Promise<void> {
  const load = await buildPrograms();
  const groups = GROUPS.filter((group) => group.name.includes(only));
  for (const group of groups) {
    const before = tally.problems.length;
    for await (const life of livesOf(load, [group], every)) {
      signal.throwIfAborted();
      await playInto(tally, load, life);
    }
    const { lives, broken } = tally.by_group[group.name] ?? { lives: 0, broken: 0 };
    say(`${group.name}: ${lives} lives, ${broken} with a broken promise`);
    for (const { promise, what, life } of tally.problems.slice(before))
      say(`  ${promise}: ${what}\n    again: --life "${life}"`);
  }
}

/** One life, with all that happened in it. */
export async function playAgain(name: string, say: Say): Promise<Tally> {
  const tally = emptyTally();
  const { history } = await playInto(tally, await buildPrograms(), namedLife(name));
  for (const { atMs, ...entry } of history)
    say(`${new Date(atMs).toISOString().slice(11, 23)} ${JSON.stringify(entry)}`);
  for (const { promise, what } of tally.problems) say(`${promise}: ${what}`);
  return tally;
}

/** Breaks the program in every known way, one by one; do the lives notice? */
export async function tryBreaks(into: BreaksTried, say: Say, signal: AbortSignal): Promise<void> {
  const sound = await buildPrograms();
  for (const its of BREAKS) {
    const { by, lives } = await noticed(sound, its, MOST_LIVES, signal);
    into.breaks_tried += 1;
    if (by === null) into.not_noticed.push(its.name);
    else into.breaks_noticed += 1;
    say(
      by === null
        ? `NOT NOTICED in ${lives} lives: ${its.name}`
        : `${its.name}: ${by.promise} in life ${lives}, ${by.life}`,
    );
  }
}
