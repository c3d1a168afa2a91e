import * as z from "zod";
import { AftershockError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { printable } from "../../core/text/printable.ts";
import type { Annotation, Annotator } from "../../ports/annotator.ts";
import { type Outgoing, type PushOptions, pushOver } from "./post.ts";

export interface GrafanaOptions extends Omit<PushOptions, "name" | "key"> {
  readonly url: string;
  /** Of a service account, as its file has it now. */
  readonly token: () => Promise<string>;
  readonly cluster: string;
}

/** `annotations.tags_length` of Grafana's configuration is 500 characters of JSON by default. */
const MAX_TAGS_CHARS = 480;
/** Columns of its table of tags. */
const MAX_TAG_CHARS = 100;
const MAX_TEXT_CHARS = 2_000;
/** Annotations that began in the same second and have the same tags: one, or a few copies. */
const MAX_FOUND = 10;

const FOUND = z.array(z.looseObject({ id: z.int(), tags: z.array(z.string()).nullish() }));
const ADDED = z.looseObject({ id: z.int() });

/**
 * Annotations of the organisation, that every dashboard can show by their tags:
 * https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/api-legacy/annotations/
 */
export function grafanaAnnotator(options: GrafanaOptions): Annotator {
  const push = pushOver({ ...options, name: "Grafana", key: "grafana.url and grafana.token" });
  const call = async (
    method: Outgoing["method"],
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<unknown> => {
    const headers = {
      accept: "application/json",
      authorization: `Bearer ${await options.token()}`,
      ...(body === null ? {} : { "content-type": "application/json" }),
    };
    const request = { method, url: `${options.url}/api/annotations${path}`, headers };
    return readJson(await push(body === null ? request : { ...request, body: JSON.stringify(body) }, signal));
  };
  const own = ({ experimentId }: Annotation) =>
    ["aftershock", `cluster:${options.cluster}`, `experiment:${experimentId}`].map(tagOf);
  const bodyOf = (annotation: Annotation) => ({
    time: annotation.fromMs,
    ...(annotation.toMs === null ? {} : { timeEnd: annotation.toMs }),
    tags: fitting([...own(annotation), ...annotation.tags.map(tagOf)]),
    text: textOf(annotation),
  });
  return {
    async find(annotation, signal) {
      const query = new URLSearchParams([
        ["type", "annotation"],
        ["limit", String(MAX_FOUND)],
        ["from", String(annotation.fromMs - SECOND_MS)],
        ["to", String(annotation.fromMs + SECOND_MS)],
        ...own(annotation).map((tag) => ["tags", tag]),
      ] as [string, string][]);
      const found = understood(FOUND, await call("GET", `?${query}`, null, signal));
      return found.find(({ tags }) => own(annotation).every((tag) => tags?.includes(tag)))?.id ?? null;
    },
    async add(annotation, signal) {
      return understood(ADDED, await call("POST", "", bodyOf(annotation), signal)).id;
    },
    async change(number, annotation, signal) {
      await call("PATCH", `/${number}`, bodyOf(annotation), signal);
    },
  };
}

/** As many of the first tags as Grafana keeps. */
function fitting(tags: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const tag of tags) if (JSON.stringify([...kept, tag]).length <= MAX_TAGS_CHARS) kept.push(tag);
  return kept;
}

const tagOf = (tag: string): string => cut(printable(tag), MAX_TAG_CHARS);

/** Grafana shows the text as HTML, without scripts. */
function textOf({ text, link }: Annotation): string {
  const told = escaped(cut(printable(text), MAX_TEXT_CHARS));
  return link === null ? told : `${told} <a href="${escaped(link)}">Details</a>`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const cut = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "");

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Something else than Grafana answers 200, too: a login page. */
function understood<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AftershockError("notify-failed", "Grafana answered something else than its API does", {
    hint: "check grafana.url: it is the address of Grafana without /api",
  });
}
