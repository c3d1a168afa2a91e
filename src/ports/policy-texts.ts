import type { PolicyText } from "../core/model/team-policy.ts";

/** What is known of one namespace: its policies, or why nothing is known of them. */
export type Sighting = { readonly texts: readonly PolicyText[] } | { readonly unread: string };

/** The policies that teams keep in their own namespaces. */
export interface PolicyTexts {
  /** Those of one namespace now, oldest first. Never rejects, but for the signal's reason. */
  look(namespace: string, signal: AbortSignal): Promise<Sighting>;
  /**
   * Calls `seen` for each namespace at the start and whenever what is known of it changes, until
   * `signal` aborts; then resolves. Never rejects. One that cannot be read any more is told as
   * unread: nobody knows then what its team wants.
   */
  follow(
    namespaces: readonly string[],
    seen: (namespace: string, sighting: Sighting) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Says on the ConfigMap itself why it is not followed, once for the same text and reason. Never
   * rejects.
   */
  refuse(text: PolicyText, why: string, signal: AbortSignal): Promise<void>;
}
