import type { ServiceId } from "../model/cluster.ts";

/** A way to another tool, as the configuration has it: `{{from}}` and others are filled in. */
export interface LinkTemplate {
  readonly name: string;
  readonly url: string;
}

/** A way that can be gone. */
export interface Link {
  readonly name: string;
  readonly url: string;
}

/** What may stand between double braces. Moments are ms since the epoch, as Grafana takes them. */
export const LINK_PLACEHOLDERS = ["cluster", "experiment", "namespace", "service", "from", "to"] as const;

type Placeholder = (typeof LINK_PLACEHOLDERS)[number];

/** What a link is about; null: nothing, and templates that need it give no link. */
export interface LinkFacts {
  readonly cluster: string;
  readonly experiment: string | null;
  readonly service: ServiceId | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** `{{ name }}`, with or without spaces. */
export const PLACEHOLDER_PATTERN = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Browsers and Slack take longer ones; a name of 10 kB makes no link that anybody wants. */
const MAX_URL_CHARS = 2_000;

/**
 * The links that can be made, in order. Whatever is filled in is encoded: it adds no part to an
 * address.
 */
export function fillLinks(templates: readonly LinkTemplate[], facts: LinkFacts): readonly Link[] {
  const values = valuesOf(facts);
  return templates.flatMap(({ name, url }) => {
    let complete = true;
    const filled = url.replaceAll(PLACEHOLDER_PATTERN, (_, key: string) => {
      const value = values[key as Placeholder] ?? null;
      complete &&= value !== null;
      return encoded(value ?? "");
    });
    return complete && filled.length <= MAX_URL_CHARS ? [{ name, url: filled }] : [];
  });
}

function valuesOf({ cluster, experiment, service, fromMs, toMs }: LinkFacts): Record<Placeholder, string | null> {
  const slash = service?.indexOf("/") ?? -1;
  return {
    cluster,
    experiment,
    namespace: service?.slice(0, slash) ?? null,
    service: service?.slice(slash + 1) ?? null,
    from: String(fromMs),
    to: String(toMs),
  };
}

/** `encodeURIComponent` leaves some marks that end an address in Markdown and in Slack. */
const encoded = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
