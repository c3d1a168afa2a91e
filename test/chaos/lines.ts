import type { Wire } from "./fate.ts";
import { steadyMesh } from "./steady-mesh.ts";
import { type FaultWire, faultWire, type WireTrouble } from "./wire.ts";

/** The connections of a worker, each through a proxy that can spoil it. */
export interface Lines extends AsyncDisposable {
  /** Addresses of the proxies, in place of the real ones. */
  readonly storage: string;
  readonly api: string;
  readonly prometheus: string;
  /** The next request on this wire meets `what`. */
  spoil(wire: Wire, what: WireTrouble): void;
  /** Lets whatever was not met yet go by; answers whether anything was met. */
  calm(): boolean;
}

/** @param storage URL of the real one; an embedded store has no connection and stays as it is */
export async function openLines(storage: string, api: string, nowMs: () => number): Promise<Lines> {
  const mesh = await steadyMesh(nowMs);
  const remote = !storage.startsWith("embedded:");
  const apiWire = await faultWire(Number(new URL(api).port));
  const metricsWire = await faultWire(mesh.port);
  const storageWire = remote
    ? await faultWire(Number(new URL(storage).port), { postgres: storage.startsWith("postgres") })
    : null;
  const wires: readonly FaultWire[] = [apiWire, metricsWire, ...(storageWire === null ? [] : [storageWire])];
  /** Told to spoil a request, since the last calm. */
  const spoiled: FaultWire[] = [];
  const of: Readonly<Record<Wire, readonly (FaultWire | null)[]>> = {
    storage: [storageWire],
    api: [apiWire],
    metrics: [metricsWire],
    network: wires,
  };
  return {
    storage: storageWire === null ? storage : moved(storage, storageWire.port),
    api: moved(api, apiWire.port),
    prometheus: `http://127.0.0.1:${metricsWire.port}`,
    spoil(wire, what) {
      for (const one of of[wire]) {
        if (one === null) continue;
        one.arm(what);
        spoiled.push(one);
      }
    },
    calm() {
      const met = spoiled.some((one) => !one.armed());
      for (const one of spoiled.splice(0)) one.arm(null);
      return met;
    },
    async [Symbol.asyncDispose]() {
      for (const one of wires) await one[Symbol.asyncDispose]();
      await mesh[Symbol.asyncDispose]();
    },
  };
}

function moved(url: string, port: number): string {
  const parsed = new URL(url);
  parsed.port = String(port);
  return parsed.href.replace(/\/$/, "");
}
