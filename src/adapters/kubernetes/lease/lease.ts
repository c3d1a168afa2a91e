import { AftershockError } from "../../../core/model/error.ts";
import { SECOND_MS } from "../../../core/model/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { HaltSwitch, IntentNote, Lease, LeaseHold } from "../../../ports/lease.ts";
import type { KubernetesClient } from "../client/client.ts";
import { microTime } from "../client/time.ts";
import { haltSwitch } from "./halt.ts";
import {
  INTENT_ANNOTATION,
  PAST_ANNOTATION,
  readHalt,
  readIntent,
  readPastIntents,
  writeIntent,
  writePastIntents,
} from "./lease-notes.ts";
import { type LeaseObject, newLease } from "./lease-object.ts";
import { holderSilence } from "./lease-silence.ts";
import { leaseStore } from "./lease-store.ts";

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** This process and no other: two that share it would both believe to hold the lease. */
  readonly identity: string;
  /** How long a holder may be silent before another may take over, ms of the clock. */
  readonly durationMs: number;
}

/**
 * Writes tried before a race counts as lost: on top of what we know, and twice on top of a fresh
 * look.
 */
const MAX_TRIES = 3;

/**
 * The cluster's lease: whoever holds it may inject. Every write carries the version that was read,
 * so that of two competitors one gets a conflict; the number of holder changes is the fencing
 * token. The halt switch is an annotation on the same object, so an intent cannot be noted after a
 * halt: one of the two writes comes first, and the other sees it.
 */
export function kubernetesLease(client: KubernetesClient, options: LeaseOptions, clock: Clock): Lease & HaltSwitch {
  const store = leaseStore(client, options, () => clock.realMs());
  const silence = holderSilence();

  /**
   * Renews from what was read last (one request); after a conflict looks again. Null when `change`
   * does not want to write, or the race is lost.
   */
  async function update(
    signal: AbortSignal,
    change: (lease: LeaseObject | null) => LeaseObject | null,
  ): Promise<LeaseObject | null> {
    const last = store.last();
    for (let tries = last !== null && isOurs(last, options) ? 0 : 1; tries < MAX_TRIES; tries++) {
      const wanted = change(tries === 0 ? last : await store.read(signal));
      if (wanted === null) return null;
      const written = await store.write(wanted, signal);
      if (written !== null) return written;
    }
    return null;
  }

  return {
    async hold(signal) {
      const held = await update(signal, (lease) => {
        const free = lease === null || !lease.spec?.holderIdentity || isOurs(lease, options);
        return free || silence.isSilent(lease, clock.monotonicMs()) ? claimed(lease, options, clock.nowMs()) : null;
      });
      return held === null ? null : tokenOf(held);
    },
    async noteIntent(hold, intent, signal) {
      const noted = await update(signal, (lease) => {
        if (lease === null || !isOurs(lease, options) || tokenOf(lease).token !== hold.token) return null;
        refuseHalted(lease);
        refuseKnown(lease, intent, options);
        return withIntent(claimed(lease, options, clock.nowMs()), intent, options);
      });
      if (noted !== null) return;
      throw new AftershockError("lease-lost", `${options.identity} no longer holds the lease ${options.name}`, {
        hint: "another replica took over and goes on from the journal; nothing was injected",
      });
    },
    async lastIntent(signal) {
      const lease = await store.read(signal);
      if (lease !== null) silence.isSilent(lease, clock.monotonicMs());
      return readIntent(lease);
    },
    async intentOf(id, signal) {
      const lease = await store.read(signal);
      const last = readIntent(lease);
      if (last?.experimentId === id) return last;
      return readPastIntents(lease).includes(id) ? "past" : null;
    },
    async settleIntent(id, outcome, signal) {
      await update(signal, (lease) => {
        const noted = readIntent(lease);
        if (lease === null || noted === null || noted.experimentId !== id || noted.outcome !== null) return null;
        return annotated(lease, { [INTENT_ANNOTATION]: writeIntent({ ...noted, outcome }) });
      });
    },
    async release(signal) {
      await update(signal, (lease) => (lease !== null && isOurs(lease, options) ? released(lease) : null));
    },
    ...haltSwitch(client, options, store),
  };
}

const isOurs = (lease: LeaseObject, { identity }: LeaseOptions): boolean => lease.spec?.holderIdentity === identity;

const tokenOf = (lease: LeaseObject): LeaseHold => ({ token: lease.spec?.leaseTransitions ?? 0 });

function claimed(lease: LeaseObject | null, options: LeaseOptions, nowMs: number): LeaseObject {
  const { namespace, name, identity, durationMs } = options;
  const now = microTime(nowMs);
  const renewal = lease !== null && isOurs(lease, options);
  return {
    ...(lease ?? newLease({ namespace, name })),
    spec: {
      ...lease?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / SECOND_MS),
      renewTime: now,
      acquireTime: (renewal ? lease.spec?.acquireTime : undefined) ?? now,
      leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (renewal ? 0 : 1),
    },
  };
}

const released = (lease: LeaseObject): LeaseObject => ({ ...lease, spec: { ...lease.spec, holderIdentity: "" } });

function withIntent(lease: LeaseObject, intent: IntentNote, { identity }: LeaseOptions): LeaseObject {
  return annotated(lease, {
    [INTENT_ANNOTATION]: writeIntent({ ...intent, by: identity, outcome: null }),
    [PAST_ANNOTATION]: writePastIntents(readPastIntents(lease), intent.experimentId),
  });
}

function annotated(lease: LeaseObject, annotations: Readonly<Record<string, string>>): LeaseObject {
  const { metadata } = lease;
  return { ...lease, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } } };
}

/**
 * An experiment is called once, even if the journal went back in time and knows nothing of it. The
 * very note that stands may be written again.
 */
function refuseKnown(lease: LeaseObject, { experimentId, t0Ms }: IntentNote, { identity }: LeaseOptions): void {
  const last = readIntent(lease);
  const same =
    last?.experimentId === experimentId && last.t0Ms === t0Ms && last.by === identity && last.outcome === null;
  if (same || (last?.experimentId !== experimentId && !readPastIntents(lease).includes(experimentId))) return;
  throw new AftershockError("intent-known", `the lease knows an intent of ${experimentId} already`, {
    hint: "the journal lost it, or another process was faster; nothing was injected a second time",
  });
}

function refuseHalted(lease: LeaseObject): void {
  const halt = readHalt(lease);
  if (halt === null) return;
  throw new AftershockError("lease-lost", `halted by ${halt.by}: ${halt.why}`, {
    hint: "`aftershock resume` lifts the halt; nothing was injected",
  });
}
