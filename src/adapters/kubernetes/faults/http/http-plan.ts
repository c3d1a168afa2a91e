import type { ServiceId } from "../../../../core/model/cluster.ts";
import { areOf, describeMarks, type MarkedOrder, marksFor, NO_MARKS, readMarks } from "../marks.ts";
import { type HttpFault, istioFault, whyNotFaulted, withFault } from "./http-routes.ts";
import {
  actsInMesh,
  fullHost,
  hostNames,
  hostsOf,
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
 * How to put the fault in front of one service, given all VirtualServices of its namespace. An existing one is changed, never
 * joined by a second: which of two wins is not defined. Nothing is done where that cannot be had.
 */
export function planHttpFault(
  order: MarkedOrder,
  fault: HttpFault,
  target: ServiceId,
  existing: readonly VirtualService[],
  apiVersion: string,
): HttpPlan {
  const inMesh = existing.filter(actsInMesh);
  const names = hostNames(target);
  const [own, second] = inMesh.filter((one) => hostsOf(one).some((host) => names.includes(host)));
  if (second !== undefined) return refused(`two VirtualServices name ${target}: which one decides is not defined`);
  if (own !== undefined) return planChange(order, fault, own);
  const wildcard = inMesh.find((one) => hostsOf(one).some((host) => wildcardMatches(host, fullHost(target))));
  if (wildcard !== undefined) {
    return refused(`${nameOf(wildcard)} routes ${target} by a wildcard, which one for this host alone would replace`);
  }
  return { kind: "create", service: newService(order, fault, target, apiVersion) };
}

function planChange(order: MarkedOrder, fault: HttpFault, own: VirtualService): HttpPlan {
  const marks = readMarks(own.metadata.annotations);
  if (areOf(marks, order)) return { kind: "stands" };
  if (marks !== null) return refused(`${nameOf(own)} carries the fault of ${describeMarks(marks)}`);
  const keys = [...Object.keys(own.metadata.labels ?? {}), ...Object.keys(own.metadata.annotations ?? {})];
  const controller = keys.find((key) => GITOPS.some((prefix) => key.startsWith(prefix)));
  if (controller !== undefined) return refused(`${nameOf(own)} is kept by a GitOps controller (${controller})`);
  const routes = routesOf(own);
  const why = whyNotFaulted(routes);
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
      http: withFault(routes, inserted),
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
    spec: { hosts: [host], http: withFault([{ route: [{ destination: { host } }] }], inserted) },
  };
}

const refused = (why: string): HttpPlan => ({ kind: "refused", why });

const nameOf = ({ metadata }: VirtualService): string => `VirtualService ${metadata.namespace}/${metadata.name}`;
