/**
 * Wakes somebody up at a time. It delivers at least once, perhaps late, perhaps twice: what is done
 * then is decided by the journal, never by the queue.
 */
export interface Queue {
  /**
   * Asks for `key` to be handled at `atMs`. Asking again for the same key and time changes nothing.
   */
  wake(key: string, atMs: number): Promise<void>;
  /**
   * Starts to handle; `handler` runs for one key at a time. A rejected handler is tried again with
   * back-off.
   */
  start(handler: (key: string, signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Lets the running handler end (at most `timeoutMs`), then closes. */
  close(timeoutMs: number): Promise<void>;
}
