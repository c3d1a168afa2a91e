import { isDeepStrictEqual } from "node:util";
import {
  CREATED_ANNOTATION,
  FAULT_ANNOTATION,
  FAULT_LABEL,
  ORIGINAL_ANNOTATION,
  OUR_ANNOTATIONS,
} from "./http-plan.ts";
import { withoutFault } from "./http-routes.ts";
import { hostsOf, routesOf, type VirtualService } from "./virtual-service.ts";

export type Restoration =
  | { readonly kind: "remove" }
  /** `changed`: somebody edited the routes while the fault stood; their edit is kept. */
  | { readonly kind: "replace"; readonly service: VirtualService; readonly changed: boolean };

/** How to take our fault out of a VirtualService: what we made goes, unless somebody made it theirs; what we changed is changed back. */
export function planRestoration(service: VirtualService): Restoration {
  const annotations = service.metadata.annotations ?? {};
  const http = withoutFault(routesOf(service), parse(annotations[FAULT_ANNOTATION]));
  const created = annotations[CREATED_ANNOTATION] !== undefined;
  if (created && isDeepStrictEqual(http, plainRoutes(service))) return { kind: "remove" };
  const changed = created || !isDeepStrictEqual(http, parse(annotations[ORIGINAL_ANNOTATION]));
  const { [FAULT_LABEL]: _label, ...labels } = service.metadata.labels ?? {};
  const kept = Object.entries(annotations).filter(([key]) => !OUR_ANNOTATIONS.includes(key));
  return {
    kind: "replace",
    changed,
    service: {
      ...service,
      metadata: { ...service.metadata, labels, annotations: Object.fromEntries(kept) },
      spec: { ...service.spec, http },
    },
  };
}

const plainRoutes = (service: VirtualService) =>
  hostsOf(service).map((host) => ({ route: [{ destination: { host } }] }));

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
