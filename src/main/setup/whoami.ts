import { userInfo } from "node:os";
import type { KubernetesClient } from "../../adapters/kubernetes/client/client.ts";
import { usernameOf } from "../../adapters/kubernetes/rights/identity.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Io } from "../io.ts";

/** A halt waits no longer for the API server to say who gives it, real ms. */
const PATIENCE_MS = SECOND_MS;
/** More of a name than this nobody reads. */
const NAME_MAX_CHARS = 200;

/** Who gives an order, as they say themselves. */
export const whoami = (io: Io): string => (io.env.AFTERSHOCK_USER ?? nameOfUser()).slice(0, NAME_MAX_CHARS);

/** A container's user need not be listed in /etc/passwd; then it has a number and no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

/**
 * Who gives an order, for the record: as they say themselves, and as the API server knows them.
 * `ada (jane@example.com)`
 */
export async function signature(client: KubernetesClient, io: Io): Promise<string> {
  const known = await usernameOf(client, AbortSignal.any([io.signal, AbortSignal.timeout(PATIENCE_MS)])).catch(
    () => null,
  );
  return `${whoami(io)} (${known?.slice(0, NAME_MAX_CHARS) ?? "the API server does not say who"})`;
}
