import * as z from "zod";
import { API_SCHEMAS } from "./schema.ts";

type SchemaName = keyof typeof API_SCHEMAS;

interface Route {
  readonly path: string;
  readonly summary: string;
  readonly answer: SchemaName;
  readonly query?: readonly { readonly name: string; readonly description: string; readonly schema: object }[];
}

/** Every address of the API but this description. */
export const API_ROUTES: readonly Route[] = [
  { path: "/api/status", summary: "Mode, halt, policies, time", answer: "Status" },
  {
    path: "/api/experiments",
    summary:
      "The newest experiments, refusals included, newest first; each without verdicts on services that did not get worse and had nothing to do with it",
    answer: "Experiments",
    query: [
      { name: "limit", description: "how many", schema: { type: "integer", minimum: 1, maximum: 500, default: 50 } },
    ],
  },
  { path: "/api/experiments/{id}", summary: "One experiment with its journal and its counts", answer: "Experiment" },
  { path: "/api/services/{namespace}/{name}", summary: "What experiments did to one service", answer: "Service" },
  { path: "/api/findings", summary: "Every known weakness, fixed ones included", answer: "Findings" },
  { path: "/api/slots", summary: "The next slots", answer: "Slots" },
  { path: "/api/reports", summary: "Names of the weeks that have a report", answer: "Weeks" },
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
