import { parser } from "@prometheus-io/lezer-promql";
import { parse } from "yaml";
import * as z from "zod";
import { AftershockError } from "../../../core/model/error.ts";
import { fillQuery, placeholdersOf } from "./promql.ts";

/**
 * Placeholders that each query may use, with values that make it a complete query for the check.
 */
const RANGE = { reporters: "source", range: "60000ms" };
const METRIC = { metric: "a" };
const BOUNDS = { ...RANGE, bounds: "1" };
/** More labels to group by, each after a comma. */
const CALLERS = { callers: "" };
const SECONDS = { ...RANGE, seconds: "60" };
/** Matchers of requests that did not fail, and of those of which nothing tells. */
const SUCCESSES = { successes: 'a!="b"' };
const UNLABELLED = { unlabelled: 'a=""' };
const QUERIES = {
  requests: RANGE,
  requestsOf: { ...RANGE, names: "a" },
  connections: { ...RANGE, ...METRIC },
  evidence: { range: "60000ms", instances: "a", ...METRIC },
  distribution: { ...RANGE, ...SUCCESSES, ...UNLABELLED },
  slow: { ...BOUNDS, ...CALLERS, ...SUCCESSES },
  native: { ...RANGE, ...CALLERS, ...SUCCESSES },
  historyRequests: SECONDS,
  historyFailures: SECONDS,
  historySlow: { ...BOUNDS, ...SECONDS, ...SUCCESSES },
  historyScrapes: RANGE,
  historyConnections: SECONDS,
  historyExists: { reporters: "source" },
  recordedSince: {},
  recordedRequests: RANGE,
  recordedFailures: RANGE,
  recordedSlow: BOUNDS,
  recordedScrapes: RANGE,
  recordedConnections: RANGE,
  callsHttp: RANGE,
  callsTcp: RANGE,
  now: {},
  reporters: {},
  services: { reporters: "source" },
  serviceNames: {},
  newest: {},
  scrapes: { range: "60000ms" },
} as const;
export type QueryName = keyof typeof QUERIES;

const regExp = z.string().transform((text, context) => {
  try {
    return new RegExp(`^(?:${text})$`, "s");
  } catch {
    context.addIssue({ code: "custom", message: `not a regular expression: ${text}` });
    return z.NEVER;
  }
});
const label = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a label name of Prometheus was expected");
const metric = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, "a metric name of Prometheus was expected");

const query = (name: QueryName) =>
  z.string().superRefine((text, context) => {
    const allowed: Readonly<Record<string, string>> = QUERIES[name];
    const unknown = placeholdersOf(text).filter((used) => !(used in allowed));
    if (unknown.length > 0) {
      const known = Object.keys(allowed).map((key) => `$${key}`);
      context.addIssue({
        code: "custom",
        message: `$${unknown[0]} is not known here; it may use ${known.join(", ") || "no placeholder"}`,
      });
      return;
    }
    const filled = fillQuery(text, allowed);
    const place = syntaxErrorAt(filled);
    if (place !== null) context.addIssue({ code: "custom", message: `not PromQL, near "${place}"` });
    const nameless = namelessSelector(filled);
    if (place === null && nameless !== null) {
      const message = `"${nameless}" must begin with the exact name of one metric: some servers refuse anything else`;
      context.addIssue({ code: "custom", message });
    }
  });

const queries = z.strictObject(
  Object.fromEntries((Object.keys(QUERIES) as QueryName[]).map((name) => [name, query(name)])) as {
    [K in QueryName]: ReturnType<typeof query>;
  },
);

const Signals = z.strictObject({
  mesh: z.string().min(1),
  labels: z.strictObject({
    serviceNamespace: label,
    serviceName: label,
    callerNamespace: label,
    callerName: label,
    reporter: label,
    flags: label,
    target: z.array(label).min(1),
    pods: z.array(z.strictObject({ namespace: label, name: label })).default([{ namespace: "namespace", name: "pod" }]),
    replicas: z.array(label).default([]),
    ofRequest: regExp.optional(),
    clusters: z.array(label).default([]),
    ownCluster: z
      .strictObject({ source: label.optional(), waypoint: label.optional(), destination: label.optional() })
      .default({}),
    owner: z
      .strictObject({ source: z.array(label), destination: z.array(label) })
      .default({ source: [], destination: [] }),
  }),
  reporters: z.strictObject({ source: z.string(), waypoint: z.string(), destination: z.string() }),
  ignore: z.strictObject({ serviceNames: regExp, serviceNamespaces: regExp, callers: regExp }),
  failure: z.strictObject({
    any: z.array(z.strictObject({ label, matches: regExp })).min(1),
    exceptFlags: z.array(z.string()),
    except: z.array(z.strictObject({ label, matches: regExp })).default([]),
    neededBy: z.array(z.strictObject({ label, value: z.string(), needs: label })).default([]),
  }),
  resets: z.strictObject({ flags: z.array(z.string()) }).default({ flags: [] }),
  connections: z.strictObject({ opened: metric, closed: metric, failed: metric, failureFlags: z.array(z.string()) }),
  evidence: z.strictObject({ up: metric, processStart: metric }),
  renamed: z.strictObject({ name: metric, matches: regExp }).optional(),
  queries,
});

/** What a failed request is: by its labels, unless the caller went away. */
export type FailureTable = z.infer<typeof Signals>["failure"];

/** How a mesh's telemetry is read: label names, what a failure is, and every query. */
export type Signals = z.infer<typeof Signals> & {
  /** What a failed request is of single services (`namespace/name`), where that is another. */
  readonly ownFailures?: ReadonlyMap<string, FailureTable>;
};

/**
 * Reads a file of `rules/signals`.
 * @throws AftershockError `rule-invalid` naming every problem with its path
 */
export function loadSignals(text: string): Signals {
  let data: unknown;
  try {
    data = parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new AftershockError("rule-invalid", `the signals file is not YAML: ${why}`, { hint: "mend the file" });
  }
  const result = Signals.safeParse(data);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "(file)"}: ${issue.message}`);
  throw new AftershockError("rule-invalid", `the signals file is not valid:\n${problems.join("\n")}`, {
    hint: "compare it with rules/signals/istio.yaml",
  });
}

/** A piece of `promql` where Prometheus' own grammar finds an error, or null. */
function syntaxErrorAt(promql: string): string | null {
  let place: string | null = null;
  parser.parse(promql).iterate({
    enter(node) {
      if (!node.type.isError || place !== null) return;
      place = promql.slice(Math.max(0, node.from - 15), node.to + 25);
    },
  });
  return place;
}

/**
 * The first selector of `promql` that is not an exact metric name with labels after it, or null.
 */
function namelessSelector(promql: string): string | null {
  let found: string | null = null;
  parser.parse(promql).iterate({
    enter(node) {
      if (node.name !== "VectorSelector" || found !== null) return;
      const text = promql.slice(node.from, node.to);
      if (node.node.firstChild?.name !== "Identifier" || /\b__name__\b/.test(text)) found = text;
    },
  });
  return found;
}
