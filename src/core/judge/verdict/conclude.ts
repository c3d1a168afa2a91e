import type { ServiceId } from "../../model/cluster.ts";
import { isDegraded, type Judgement, type Signal, type SignalVerdict } from "../../model/verdict.ts";
import { formatDuration } from "../../text/format.ts";
import type { SignalTest } from "../engine/engine.ts";
import { KNOWN_AFTER_MS } from "../input/constants.ts";
import type { JudgeInput } from "../input/input.ts";
import type { Question } from "../input/question.ts";
import { originAmong } from "./evidence.ts";
import { headlineOf } from "./legal.ts";
import { noData } from "./no-data.ts";
import { starvedServices } from "./starved.ts";

/** What the verdicts say together: who is starved, where it began, the headline, the notes. */
export function conclude(
  question: Question,
  tests: readonly SignalTest[],
  verdicts: readonly SignalVerdict[],
): Judgement {
  const { input, family, graph, effectFor } = question;
  const starved = starvedServices(degradedSignals(verdicts), graph);
  const told = [
    ...verdicts.map((v) => (starved.has(v.service) ? { ...v, starved: v.signal === "rate" } : v)),
    ...unread(input),
    ...unseen(input),
  ];
  // Who got worse by itself elsewhere is no origin of what happened here.
  const isConcerned = ({ service }: SignalVerdict): boolean => family.size === 0 || family.has(service);
  return {
    verdicts: told,
    origin: told.some((v) => isDegraded(v.verdict.kind) && isConcerned(v)) ? originAmong(tests, question) : null,
    headline: headlineOf(
      told.filter((v) => family.has(v.service) && !v.starved),
      effectFor,
    ),
    concerned: [...family],
    learning: told.some((v) => v.learning),
    notes: notesOf(question),
    sourceRequests: input.observation.sourceRequests,
  };
}

/** Signals that got worse, by service. */
function degradedSignals(verdicts: readonly SignalVerdict[]): Map<ServiceId, Set<Signal>> {
  const worse = verdicts.filter((v) => isDegraded(v.verdict.kind));
  const grouped = Map.groupBy(worse, (v) => v.service);
  return new Map([...grouped].map(([service, of]) => [service, new Set(of.map((v) => v.signal))]));
}

/** Signals that the source has and that cannot be read. */
function unread({ observation }: JudgeInput): SignalVerdict[] {
  return observation.services.flatMap((one) => {
    const signals = Object.entries(one.unread ?? {}) as [Signal, string][];
    const relevant = signals.filter(([signal]) => signal !== "connections" || one.connections !== null);
    return relevant.map(([signal, why]) => noData(one.service, signal, `Nothing can be said: ${why}.`));
  });
}

/** Services of the target that no proxy reported anything about. */
function unseen(input: JudgeInput): SignalVerdict[] {
  const seen = new Set(input.observation.services.map((s) => s.service));
  return input.concerned
    .filter((service) => !seen.has(service))
    .map((service) =>
      noData(
        service,
        "failures",
        "No proxy reported a request or a connection to it; send some traffic, and check that its callers have sidecars.",
      ),
    );
}

/**
 * How much is known of the service that is known longest: the history's grid may begin before the
 * mesh did.
 */
function notesOf({ input: { observation }, knownMs }: Question): string[] {
  let longest = 0;
  for (const { service } of observation.services) {
    longest = Math.max(longest, knownMs(service));
    // A week of hundreds of services is long: the first that is known well enough settles it.
    if (longest >= KNOWN_AFTER_MS) return [...observation.notes];
  }
  return [
    ...observation.notes,
    longest === 0
      ? "Judged from this window alone: there is no recent history yet."
      : `Judged with ${formatDuration(longest)} of history; a day is needed to know a service.`,
  ];
}
