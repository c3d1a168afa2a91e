import type { Reporter } from "../../../core/model/series.ts";
import type { Labels } from "../signals/classify.ts";
import type { Signals } from "../signals/signals.ts";

/**
 * One way in which Prometheus came to a proxy's counters: a target of a job, seen by one replica.
 */
export interface Scrape {
  readonly id: string;
  /**
   * What the job and the replica say: ways of one class are chosen or left out together where that
   * is possible.
   */
  readonly way: Readonly<Record<string, string>>;
  readonly wayId: string;
  /** `namespace/name` of the scraped pod, or null where no label names it. */
  readonly pod: string | null;
  /** The label `instance`; empty without. */
  readonly instance: string;
  /** Host of the `instance` label without its port, or null. */
  readonly host: string | null;
  /** As `signals.labels.target` names it, for the look at `up`. */
  readonly target: string;
  /** Workloads whose own proxy this claims to be: a proxy belongs to one. */
  readonly owners: Set<string>;
  /** Samples that it brought, and the time of the first. */
  samples: number;
  firstMs: number;
}

const UNKNOWN = /^(|unknown|-)$/;

/** Sorts scrapes: each different one is one object. */
export class ScrapeBook {
  readonly all = new Map<string, Scrape>();
  private readonly signals: Signals;

  constructor(signals: Signals) {
    this.signals = signals;
  }

  of(labels: Labels, reporter: Reporter): Scrape {
    const { replicas, pods, owner } = this.signals.labels;
    const way = Object.fromEntries(["job", ...replicas].map((name) => [name, labels[name] ?? ""]));
    const wayId = Object.values(way).join("\0");
    const pod = podOf(labels, pods);
    const instance = labels.instance ?? "";
    const id = `${wayId}\0${instance}\0${pod ?? ""}`;
    let scrape = this.all.get(id);
    if (scrape === undefined) {
      const target = targetOf(labels, this.signals);
      scrape = {
        id,
        way,
        wayId,
        pod,
        instance,
        host: hostOf(labels.instance),
        target,
        owners: new Set(),
        samples: 0,
        firstMs: Infinity,
      };
      this.all.set(id, scrape);
    }
    const names = reporter === "waypoint" ? [] : owner[reporter];
    const own = names.map((name) => labels[name] ?? "");
    if (own.length > 0 && !own.some((part) => UNKNOWN.test(part))) scrape.owners.add(own.join("/"));
    return scrape;
  }
}

/** A key for the target that was scraped. */
export const targetOf = (labels: Labels, signals: Signals): string =>
  signals.labels.target.map((name) => labels[name] ?? "").join("\0");

/**
 * Sums over several pods: nobody's own proxy, or that of several workloads, none of which the
 * scraped pod belongs to by its name.
 */
export function isSummed({ pod, host, owners }: Scrape): boolean {
  if (pod === null && host === null) return true;
  return owners.size > 1 && ![...owners].some((owner) => isOfWorkload(pod ?? "", owner));
}

/** A pod's name begins with that of its workload. */
const isOfWorkload = (pod: string, owner: string): boolean => pod.split("/")[1]?.startsWith(nameOf(owner)) === true;

const nameOf = (owner: string): string => owner.slice(owner.indexOf("/") + 1);

function podOf(labels: Labels, pods: Signals["labels"]["pods"]): string | null {
  for (const { namespace, name } of pods) {
    const pod = labels[name];
    if (pod !== undefined && pod !== "") return `${labels[namespace] ?? ""}/${pod}`;
  }
  return null;
}

/** `10.0.0.7` of `10.0.0.7:15020`, also of `[::1]:15020`. */
function hostOf(instance: string | undefined): string | null {
  const host = (instance ?? "").replace(/:\d+$/, "");
  return host === "" ? null : host;
}
