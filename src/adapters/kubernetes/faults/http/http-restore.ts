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
import type { VirtualServiceChange } from "./virtual-service-api.ts";

export type Restoration =
  | { readonly kind: "remove" }
  /** `edited`: somebody changed the routes while the fault stood; that stays. */
  | { readonly kind: "patch"; readonly change: VirtualServiceChange; readonly edited: boolean };

/**
 * How to take our fault out of a VirtualService: what we made goes, unless somebody made it theirs;
 * what we changed is changed back.
 */
export function planRestoration(service: VirtualService): Restoration {
  const annotations = service.metadata.annotations ?? {};
  const http = withoutFault(routesOf(service), parse(annotations[FAULT_ANNOTATION]));
  const created = annotations[CREATED_ANNOTATION] !== undefined;
  if (created && isDeepStrictEqual(http, plainRoutes(service))) return { kind: "remove" };
  return {
    kind: "patch",
    edited: created || !isDeepStrictEqual(http, parse(annotations[ORIGINAL_ANNOTATION])),
    change: {
      labels: { [FAULT_LABEL]: null },
      annotations: Object.fromEntries(OUR_ANNOTATIONS.map((key) => [key, null])),
      http,
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
