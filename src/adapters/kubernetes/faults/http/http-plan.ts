import type { ServiceId } from "../../../../core/model/cluster.ts";
import { areOf, describeMarks, type MarkedOrder, marksFor, NO_MARKS, readMarks } from "../marks.ts";
import { type HttpFault, istioFault, whyNotFaulted, withFault } from "./http-routes.ts";
import {
  actsInMesh,
  fullHost,
  hostsOf,
  isExportedToAll,
  meansService,
  nameOf,
  oldestOf,
  routesOf,
  type VirtualService,
  wildcardMatches,
} from "./virtual-service.ts";
import type { VirtualServiceChange } from "./virtual-service-api.ts";

/** Found by this label, told apart by the annotations. */
export const FAULT_LABEL = "aftershock.dev/fault";
/** What was put into the routes, so that exactly this can be taken out again. */
export const FAULT_ANNOTATION = "aftershock.dev/fault";
/** The routes as they were, for people who have to repair by hand. */
export const ORIGINAL_ANNOTATION = "aftershock.dev/original-http";
/** The whole object is ours. */
export const CREATED_ANNOTATION = "aftershock.dev/created";

export const OUR_ANNOTATIONS = [...Object.keys(NO_MARKS), FAULT_ANNOTATION, ORIGINAL_ANNOTATION, CREATED_ANNOTATION];

/** Annotations may have 256 KiB in all. */
const ORIGINAL_MAX_CHARS = 128 * 1024;
/** Controllers that would take our change back, or fight over it. */
const GITOPS = ["argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/"];

export type HttpPlan =
  | { readonly kind: "create"; readonly service: VirtualService }
  | { readonly kind: "patch"; readonly service: VirtualService; readonly change: VirtualServiceChange }
  | { readonly kind: "stands" }
  | { readonly kind: "refused"; readonly why: string };

/**
 * How to put the fault in front of the target's services and of nothing else. `existing`: every
 * VirtualService that may be read, of whatever namespace. The one that decides for a service is
 * changed, never joined by a second. What cannot be understood is refused with its name.
 */
export function planHttpFault(
  order: MarkedOrder,
  fault: HttpFault,
  existing: readonly VirtualService[],
  apiVersion: string,
): readonly HttpPlan[] {
  const inMesh = existing.filter(actsInMesh);
  const found = order.target.services.map((service) => ({ service, ...decidingFor(service, inMesh) }));
  const plans = found.flatMap(({ service, why, deciding }) => {
    if (why !== undefined) return [refused(why)];
    return deciding === undefined
      ? [{ kind: "create" as const, service: newService(order, fault, service, apiVersion) }]
      : [];
  });
  // one may name several of the target's services: it is changed once
  const changed = new Set(found.flatMap(({ deciding }) => deciding ?? []));
  return [...plans, ...[...changed].map((service) => planChange(order, fault, service))];
}

interface Deciding {
  readonly why?: string;
  /** Absent: no VirtualService names the service. */
  readonly deciding?: VirtualService;
}

/** Which VirtualService decides over calls to a service, or why that cannot be told. */
export function decidingFor(target: ServiceId, inMesh: readonly VirtualService[]): Deciding {
  const names = (one: VirtualService) =>
    hostsOf(one).some((host) => meansService(host, one.metadata.namespace ?? "", target));
  const own = inMesh.filter(names);
  const hidden = own.find((one) => !isExportedToAll(one));
  if (hidden !== undefined) {
    return {
      why: `${nameOf(hidden)} routes ${target} for some namespaces only (exportTo): other callers would not be hit`,
    };
  }
  if (own.length === 0) {
    const wildcard = inMesh.find((one) => hostsOf(one).some((host) => wildcardMatches(host, fullHost(target))));
    if (wildcard === undefined) return {};
    return { why: `${nameOf(wildcard)} routes ${target} by a wildcard, which one for this host alone would replace` };
  }
  const deciding = oldestOf(own);
  if (deciding === null) {
    const count = own.length === 2 ? "two" : own.length;
    return {
      why: `${count} VirtualServices name ${target}, and which one decides cannot be told: ${own.map(nameOf).join(", ")}`,
    };
  }
  if (deciding.metadata.namespace !== target.split("/")[0]) {
    return { why: `${nameOf(deciding)} decides over ${target} from another namespace` };
  }
  return { deciding };
}

function planChange(order: MarkedOrder, fault: HttpFault, own: VirtualService): HttpPlan {
  const marks = readMarks(own.metadata.annotations);
  if (areOf(marks, order)) return { kind: "stands" };
  if (marks !== null) return refused(`${nameOf(own)} carries the fault of ${describeMarks(marks)}`);
  const keys = [...Object.keys(own.metadata.labels ?? {}), ...Object.keys(own.metadata.annotations ?? {})];
  const gitops = keys.find((key) => GITOPS.some((prefix) => key.startsWith(prefix)));
  if (gitops !== undefined) return refused(`${nameOf(own)} is kept by a GitOps controller (${gitops})`);
  const owner = own.metadata.ownerReferences?.find((one) => one.controller === true);
  if (owner !== undefined) return refused(`${nameOf(own)} is kept by ${owner.kind} ${owner.name}`);
  const routes = routesOf(own);
  const isTarget = (host: string): boolean =>
    order.target.services.some((service) => meansService(host, own.metadata.namespace ?? "", service));
  const why = whyNotFaulted(routes, isTarget);
  if (why !== null) return refused(`${nameOf(own)}: ${why}`);
  const original = JSON.stringify(own.spec.http);
  if (original.length > ORIGINAL_MAX_CHARS) return refused(`${nameOf(own)} is too large to keep a copy of its routes`);
  const inserted = istioFault(fault);
  return {
    kind: "patch",
    service: own,
    change: {
      labels: { [FAULT_LABEL]: "true" },
      annotations: {
        ...marksFor(order),
        [FAULT_ANNOTATION]: JSON.stringify(inserted),
        [ORIGINAL_ANNOTATION]: original,
      },
      http: withFault(routes, inserted, isTarget),
    },
  };
}

function newService(order: MarkedOrder, fault: HttpFault, target: ServiceId, apiVersion: string): VirtualService {
  const [namespace = "", name = ""] = target.split("/");
  const host = fullHost(target);
  const inserted = istioFault(fault);
  return {
    apiVersion,
    kind: "VirtualService",
    metadata: {
      namespace,
      name: `aftershock-${name}`,
      labels: { "app.kubernetes.io/managed-by": "aftershock", [FAULT_LABEL]: "true" },
      annotations: {
        ...marksFor(order),
        [FAULT_ANNOTATION]: JSON.stringify(inserted),
        [CREATED_ANNOTATION]: "true",
      },
    },
    spec: { hosts: [host], http: [{ route: [{ destination: { host } }], fault: inserted }] },
  };
}

const refused = (why: string): HttpPlan => ({ kind: "refused", why });
