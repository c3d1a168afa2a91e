import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Fault } from "../../../src/core/model/fault.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { shopPolicy } from "./asked.ts";
import { NODES, type Recorded, recorded } from "./recorded.ts";
import type { Situation } from "./said.ts";

/** One row of the table. */
interface Row {
  readonly name: string;
  /** The cluster that it begins with, a file in `clusters`. */
  readonly cluster: string;
  /** The workload that is asked about: `Deployment shop/web`. */
  readonly of: string;
  /** The only things that an experiment may touch, by name; empty: nothing is ever touched. */
  readonly hit: readonly string[];
  readonly fault?: Fault;
  /** Rows may ask for other limits of the policy, and other kinds. */
  readonly limits?: Partial<Policy["limits"]>;
  readonly kinds?: readonly string[];
  /** By name, or kind and name, what is different: maps are merged, null takes away. */
  readonly change?: Readonly<Record<string, object>>;
  readonly more?: readonly Recorded[];
  /** False: the policy may hit other workloads, too. */
  readonly alone?: boolean;
  /** Lists that may not be made. */
  readonly forbidden?: readonly string[];
  /** Minutes since the workload was hit last; absent: never. */
  readonly hitAgoMin?: number;
}

const folder = new URL("situations/", import.meta.url);

/** Names of the table's parts. */
export const TABLE: readonly string[] = readdirSync(folder)
  .map((file) => file.replace(".yaml", ""))
  .toSorted();

export const rowsOf = (part: string): readonly Row[] =>
  parse(readFileSync(new URL(`${part}.yaml`, folder), "utf8"), { merge: true }) as Row[];

/** The row's cluster and policy. */
export function situationOf({
  cluster,
  of,
  fault,
  limits,
  kinds,
  change = {},
  more = [],
  forbidden = [],
  alone = true,
  hitAgoMin,
}: Row): Situation {
  const begun = [...recorded(cluster), ...NODES];
  const changeOf = ({ kind, metadata: { name } }: Recorded) => change[`${kind}/${name}`] ?? change[name];
  const unknown = Object.keys(change).filter(
    (key) => !begun.some((one) => key.split("/").at(-1) === one.metadata.name),
  );
  if (unknown.length > 0) throw new RangeError(`${cluster} has no ${unknown.join(", ")}`);
  const objects = [...begun.map((one) => merged(one, changeOf(one)) as Recorded), ...more];
  const names = alone ? [of.split("/")[1] ?? ""] : [];
  const policy = shopPolicy(fault, { names, ...(kinds === undefined ? {} : { kinds }) });
  const ago = hitAgoMin === undefined ? {} : { hitAgoMs: hitAgoMin * MINUTE_MS };
  return { objects, of, forbidden, policy: { ...policy, limits: { ...policy.limits, ...limits } }, ...ago };
}

/** As a merge patch (RFC 7396). */
function merged(before: unknown, change: unknown): unknown {
  if (change === undefined) return before;
  if (!isMap(change)) return change;
  const all = { ...(isMap(before) ? before : {}) };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete all[key];
    else all[key] = merged(all[key], value);
  }
  return all;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
