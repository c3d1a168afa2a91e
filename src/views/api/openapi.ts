import * as z from "zod";
import { FILTER_KEYS } from "../lists/filter.ts";
import { DEFAULT_LIMIT, MAX_LIMIT } from "./lists.ts";
import { API_SCHEMAS } from "./schema.ts";

type SchemaName = keyof typeof API_SCHEMAS;

interface Route {
  readonly path: string;
  readonly summary: string;
  readonly answer: SchemaName;
  readonly query?: readonly { readonly name: string; readonly description: string; readonly schema: object }[];
}

const integer = (range: object) => ({ type: "integer", ...range });

/** What every list takes; its whole length is in `x-total-count`, the next part in `link`. */
const PART: Route["query"] = [
  {
    name: "limit",
    description: "how many",
    schema: integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  },
  { name: "offset", description: "how many to leave out first", schema: integer({ minimum: 0, default: 0 }) },
];

const NARROWS: Readonly<Record<(typeof FILTER_KEYS)[number], string>> = {
  outcome: "its outcome, or what stands in its place: refused, missed, false alarm",
  service: "namespace/name: it was hit, or judged",
  policy: "name of the policy",
  fault: "kind of fault, or what happened by itself",
  kind: "fault, sham or natural",
  from: "first day, 2026-03-06, in the configured time zone",
  to: "last day",
  q: "words in names and in what is told",
  refused: "show: refused and missed ones, too (here they always are, unless this is something else)",
};

/** Every address of the API but this description. */
export const API_ROUTES: readonly Route[] = [
  { path: "/api/status", summary: "Mode, halt, policies, time", answer: "Status" },
  {
    path: "/api/experiments",
    summary:
      "The newest experiments, refusals included, newest first; each without verdicts on services that did not get worse and had nothing to do with it",
    answer: "Experiments",
    query: [...PART, ...FILTER_KEYS.map((name) => ({ name, description: NARROWS[name], schema: { type: "string" } }))],
  },
  { path: "/api/experiments/{id}", summary: "One experiment with its journal and its counts", answer: "Experiment" },
  {
    path: "/api/services",
    summary: "Every known service: outcomes, coverage, last hit, open findings",
    answer: "Services",
    query: [...PART, { name: "q", description: "part of its name", schema: { type: "string" } }],
  },
  { path: "/api/services/{namespace}/{name}", summary: "What experiments did to one service", answer: "Service" },
  { path: "/api/findings", summary: "Every known weakness, fixed ones included", answer: "Findings", query: PART },
  {
    path: "/api/risks",
    summary: "Weaknesses that manifests show, and what experiments say of them",
    answer: "Risks",
    query: [
      ...PART,
      { name: "q", description: "part of a name or a title", schema: { type: "string" } },
      { name: "state", description: "confirmed, untested, unclear or refuted", schema: { type: "string" } },
    ],
  },
  { path: "/api/calls", summary: "Who called whom in the last day", answer: "Calls", query: PART },
  { path: "/api/slots", summary: "The next slots", answer: "Slots", query: PART },
  { path: "/api/reports", summary: "Names of the weeks that have a report", answer: "Weeks", query: PART },
  { path: "/api/reports/{week}", summary: "The report of one ISO week, 2026-W10", answer: "Report" },
];

/** The API in OpenAPI 3.1, made from the shapes that tests hold the answers against. */
export function openApi(version: string) {
  return {
    openapi: "3.1.0",
    info: {
      title: "Aftershock",
      version,
      description: "Experiments, verdicts, findings and weekly reports. Read only.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths: Object.fromEntries(API_ROUTES.map((route) => [route.path, { get: operationOf(route) }])),
    components: {
      schemas: Object.fromEntries(
        Object.entries(API_SCHEMAS).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: "input" })]),
      ),
    },
  };
}

function operationOf({ path, summary, answer, query = [] }: Route) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  const inPath = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const inQuery = query.map((parameter) => ({ ...parameter, in: "query", required: false }));
  return {
    summary,
    operationId: path.replace("/api/", "").replaceAll(/[{}]/g, "").replaceAll("/", "-"),
    parameters: [...inPath, ...inQuery],
    responses: {
      200: { description: summary, ...contentOf(answer) },
      ...(names.length > 0 ? { 404: { description: "There is no such thing", ...contentOf("Error") } } : {}),
      ...(query.length > 0 ? { 400: { description: "A parameter is wrong", ...contentOf("Error") } } : {}),
      503: { description: "It cannot be read now", ...contentOf("Error") },
    },
  };
}

const contentOf = (name: SchemaName) => ({
  content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
});
