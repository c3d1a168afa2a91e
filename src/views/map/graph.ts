import type { ServiceId } from "../../core/model/cluster.ts";
import type { Outcome } from "../../core/model/outcome.ts";
import type { ServiceCall } from "../../core/model/service-call.ts";

/** What a box of the map says besides its name. */
export type NodeLook = Outcome | "hit" | "none";

export interface MapNode {
  /** A service, or the name of a family. */
  readonly id: string;
  readonly look: NodeLook;
  /** Services of a family; null: it is a service. */
  readonly size: number | null;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  /** Every call of it is TCP. */
  readonly tcp: boolean;
  readonly perSecond: number;
}

export interface ServiceGraph {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

/** More boxes than this are not read any more. */
export const MOST_BOXES = 60;

/** What each service looks like; a service that is not in it looks like nothing. */
export type Looks = ReadonlyMap<ServiceId, NodeLook>;

/** Every service that calls or is called, and those of `more`. */
export const servicesIn = (calls: readonly ServiceCall[], more: Iterable<ServiceId> = []): readonly ServiceId[] =>
  [...new Set([...more, ...calls.flatMap(({ caller, callee }) => [caller, callee])])].sort();

/**
 * The family of each service: its namespace, or, in a namespace that is too large for one picture,
 * the first word of its name.
 */
export function familiesOf(services: readonly ServiceId[]): ReadonlyMap<ServiceId, string> {
  const sizes = new Map<string, number>();
  for (const service of services) sizes.set(namespaceOf(service), (sizes.get(namespaceOf(service)) ?? 0) + 1);
  return new Map(
    services.map((service) => {
      const namespace = namespaceOf(service);
      const isLarge = (sizes.get(namespace) ?? 0) > MOST_BOXES;
      const [word = ""] = service.slice(namespace.length + 1).split(/[-.]/);
      return [service, isLarge ? `${namespace}/${word}…` : namespace];
    }),
  );
}

const namespaceOf = (service: ServiceId): string => service.slice(0, Math.max(0, service.indexOf("/")));

/**
 * The graph as it is drawn: all services where they fit; of many the families, and of one family
 * its services between the families that they have to do with.
 * @param family the one that is opened, or null
 */
export function serviceGraph(calls: readonly ServiceCall[], looks: Looks, family: string | null): ServiceGraph {
  const services = servicesIn(calls, looks.keys());
  if (services.length <= MOST_BOXES && family === null) return grouped(services, calls, looks, (service) => service);
  const families = familiesOf(services);
  const boxOf = (service: ServiceId): string => {
    const mine = families.get(service) ?? service;
    return mine === family ? service : mine;
  };
  const whole = grouped(services, calls, looks, boxOf);
  if (family === null) return whole;
  const near = whole.edges.filter(({ from, to }) => families.get(from) === family || families.get(to) === family);
  const kept = new Set(near.flatMap(({ from, to }) => [from, to]));
  const nodes = whole.nodes.filter(({ id }) => families.get(id) === family || kept.has(id));
  return { nodes: nodes.slice(0, MOST_BOXES * 2), edges: near };
}

const WORST_FIRST: readonly NodeLook[] = ["hit", "not recovered", "recovered", "unknown", "unaffected", "none"];

function grouped(
  services: readonly ServiceId[],
  calls: readonly ServiceCall[],
  looks: Looks,
  boxOf: (service: ServiceId) => string,
): ServiceGraph {
  const nodes = [...Map.groupBy(services, boxOf)].map(([id, members]): MapNode => {
    const found = members.map((service) => looks.get(service) ?? "none");
    const look = WORST_FIRST.find((one) => found.includes(one)) ?? "none";
    return { id, look, size: id === members[0] ? null : members.length };
  });
  const edges = new Map<string, MapEdge>();
  for (const { caller, callee, protocol, perSecond } of calls) {
    const [from, to] = [boxOf(caller), boxOf(callee)];
    if (from === to) continue;
    const known = edges.get(`${from} → ${to}`);
    edges.set(`${from} → ${to}`, {
      from,
      to,
      tcp: protocol === "tcp" && (known?.tcp ?? true),
      perSecond: perSecond + (known?.perSecond ?? 0),
    });
  }
  return { nodes, edges: [...edges.values()] };
}
