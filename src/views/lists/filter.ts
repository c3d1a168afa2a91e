import { addDays, localSpans } from "../../core/schedule/zone.ts";
import { type ListedExperiment, NOT_DONE, wasDone } from "./listed.ts";

/** What a list of experiments is narrowed by, as its address says it; absent: by nothing. */
export interface ExperimentFilter {
  /** An outcome, or what stands in its place: `refused`, `false alarm`. */
  readonly outcome?: string;
  /** `namespace/name`: it was hit, or it was judged. */
  readonly service?: string;
  readonly policy?: string;
  readonly fault?: string;
  readonly kind?: string;
  /** First and last day, `2026-03-06`, in the configured time zone. */
  readonly from?: string;
  readonly to?: string;
  /** Anywhere in its names and in what is told of it. */
  readonly q?: string;
  /** `show`: refused and missed experiments, too. */
  readonly refused?: string;
}

export const FILTER_KEYS = ["outcome", "service", "policy", "fault", "kind", "from", "to", "q", "refused"] as const;
/** Longer texts narrow nothing that exists. */
const MAX_TEXT_CHARS = 200;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MINUTES = 24 * 60;

/** What was asked for; empty fields of a form ask for nothing. */
export function filterOf(query: Readonly<Record<string, string>>): ExperimentFilter {
  const asked = FILTER_KEYS.flatMap((key) => {
    const text = query[key]?.trim().slice(0, MAX_TEXT_CHARS);
    return text ? [[key, text] as const] : [];
  });
  return Object.fromEntries(asked);
}

/** What is wrong with `filter`, or null. */
export function whyBadFilter({ from, to }: ExperimentFilter): string | null {
  for (const [key, date] of Object.entries({ from, to })) {
    if (date !== undefined && !isDate(date)) return `${key}: expected a day, as 2026-03-06`;
  }
  return null;
}

const isDate = (text: string): boolean => DATE.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

export interface Filtered {
  readonly lines: readonly ListedExperiment[];
  /** Refused, missed and not injected ones that fit and are folded away. */
  readonly folded: number;
}

/**
 * The lines that fit, in their order. Refused and missed ones are folded away unless the filter
 * asks for them; `timezone` is what `from` and `to` are days of.
 */
export function applyFilter(lines: readonly ListedExperiment[], filter: ExperimentFilter, timezone: string): Filtered {
  const fits = fitsFilter(filter, timezone);
  const all = lines.filter(fits);
  if (filter.refused === "show" || NOT_DONE.includes(filter.outcome ?? "")) return { lines: all, folded: 0 };
  const done = all.filter(wasDone);
  return { lines: done, folded: all.length - done.length };
}

function fitsFilter(filter: ExperimentFilter, timezone: string): (line: ListedExperiment) => boolean {
  const { outcome, service, policy, fault, kind, from, to } = filter;
  const fromMs = from === undefined ? Number.NEGATIVE_INFINITY : startOfDay(timezone, from);
  const toMs = to === undefined ? Number.POSITIVE_INFINITY : startOfDay(timezone, addDays(to, 1));
  const words = (filter.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return (line) =>
    (outcome === undefined || line.ending === outcome) &&
    (policy === undefined || line.policy === policy) &&
    (fault === undefined || line.fault === fault) &&
    (kind === undefined || line.kind === kind) &&
    line.atMs >= fromMs &&
    line.atMs < toMs &&
    (service === undefined || concerns(line, service)) &&
    (words.length === 0 || says(line, words));
}

const startOfDay = (timezone: string, date: string): number =>
  localSpans(timezone, date, 0, DAY_MINUTES)[0]?.fromMs ?? Date.parse(`${date}T00:00:00Z`);

/** It was hit, as a service or as a workload, or it was judged. */
export const concerns = (line: ListedExperiment, service: string): boolean =>
  hits(line, service) || line.effects.some((effect) => effect.service === service);

/** A workload behind it, or of that name, was the target. */
export const hits = (line: ListedExperiment, service: string): boolean =>
  line.workload === service || line.services.includes(service);

function says({ id, title, told, workload, services, effects, ending }: ListedExperiment, words: readonly string[]) {
  const names = effects.map(({ service }) => service);
  const text = [id, title, told, workload, ...services, ...names, ending].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}
