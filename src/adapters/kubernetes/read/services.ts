import type { V1EndpointSlice, V1Pod, V1Service } from "@kubernetes/client-node";
import { type ServiceId, type ServiceNote, serviceId } from "../../../core/model/cluster.ts";
import { AftershockError } from "../../../core/model/error.ts";
import { selectsLabels } from "./selectors.ts";

/**
 * Whose slice it is:
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetesio-service-name
 */
const SERVICE_LABEL = "kubernetes.io/service-name";

/** The namespace's Services as far as they lead to pods. */
export interface ServiceLists {
  readonly services: readonly V1Service[];
  readonly endpointSlices: readonly V1EndpointSlice[] | AftershockError;
}

const isExternal = ({ spec }: V1Service): boolean => spec?.type === "ExternalName";
const hasSelector = ({ spec }: V1Service): boolean => Object.keys(spec?.selector ?? {}).length > 0;

/**
 * Whether only EndpointSlices tell where it leads: somebody else than Kubernetes writes them
 * (Patroni, Knative, people).
 */
export const ledByEndpointSlices = (service: V1Service): boolean => !isExternal(service) && !hasSelector(service);

/**
 * Answers which Services lead to a pod: by its labels as they are now, or by the endpoints that
 * name the pod or its address.
 */
export function servicesOfPods({ services, endpointSlices }: ServiceLists): (pod: V1Pod) => ServiceId[] {
  const endpoints = endpointsByService(endpointSlices instanceof AftershockError ? [] : endpointSlices);
  return (pod) =>
    services
      .filter((one) => {
        if (isExternal(one)) return false;
        if (hasSelector(one)) return selectsLabels(one.spec?.selector, pod.metadata?.labels ?? {});
        const led = endpoints.get(one.metadata?.name ?? "");
        return led !== undefined && addressesOf(pod).some((address) => led.has(address));
      })
      .map((one) => serviceId(pod.metadata?.namespace ?? one.metadata?.namespace ?? "", one.metadata?.name ?? ""));
}

/** Services that are not simply a name before pods with some labels. */
export function serviceNotes(services: readonly V1Service[], namespace: string): ServiceNote[] {
  return services.flatMap((one) => {
    const what = noteOf(one);
    return what === null ? [] : [{ service: serviceId(namespace, one.metadata?.name ?? ""), what }];
  });
}

function noteOf(service: V1Service): string | null {
  if (isExternal(service)) return `ExternalName of ${service.spec?.externalName ?? "nothing"}: it leads to no pod`;
  const notes = [
    service.spec?.clusterIP === "None" ? "headless: its callers choose among the pods themselves" : null,
    hasSelector(service) ? null : "without a selector: its EndpointSlices say where it leads",
  ].filter((note) => note !== null);
  return notes.length === 0 ? null : notes.join("; ");
}

/** By Service, `uid …` and `ip …` of everything that it leads to. */
function endpointsByService(slices: readonly V1EndpointSlice[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const slice of slices) {
    const name = slice.metadata?.labels?.[SERVICE_LABEL];
    if (name === undefined) continue;
    const led = found.get(name) ?? new Set();
    found.set(name, led);
    for (const { addresses, targetRef } of slice.endpoints ?? []) {
      if (targetRef?.kind === "Pod" && targetRef.uid !== undefined) led.add(`uid ${targetRef.uid}`);
      for (const address of addresses ?? []) led.add(`ip ${address}`);
    }
  }
  return found;
}

/**
 * A pod on its node's network shares the node's address with others: only its uid tells it apart.
 */
function addressesOf({ metadata, spec, status }: V1Pod): string[] {
  const ips = spec?.hostNetwork === true ? [] : [status?.podIP, ...(status?.podIPs ?? []).map((one) => one.ip)];
  return [`uid ${metadata?.uid ?? ""}`, ...ips.filter((ip) => ip !== undefined).map((ip) => `ip ${ip}`)];
}
