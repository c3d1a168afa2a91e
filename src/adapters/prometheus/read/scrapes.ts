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
  /**
   * The target that handed the counters on, when what it says of the proxy stands in labels that
   * were renamed: a Prometheus that is federated without `honor_labels`.
   */
  readonly through: Scrape | null;
}

/**
 * Prometheus renames a label that its own would hide:
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
const RENAMED = "exported_";

const UNKNOWN = /^(|unknown|-)$/;

/** Sorts scrapes: each different one is one object. */
export class ScrapeBook {
  readonly all = new Map<string, Scrape>();
  private readonly signals: Signals;

  constructor(signals: Signals) {
    this.signals = signals;
  }

  of(labels: Labels, reporter: Reporter): Scrape {
    const scrape = this.as(labels, targetOf(labels, this.signals), null);
    this.noteOwner(scrape, labels, reporter);
    const handedOn = handedOnBy(labels, this.signals);
    if (handedOn === null) return scrape;
    const proxy = this.as(handedOn, nobody(this.signals), scrape);
    this.noteOwner(proxy, labels, reporter);
    return proxy;
  }

  private as(labels: Labels, target: string, through: Scrape | null): Scrape {
    const { replicas, pods } = this.signals.labels;
    const way = through?.way ?? Object.fromEntries(["job", ...replicas].map((name) => [name, labels[name] ?? ""]));
    const wayId = through?.wayId ?? Object.values(way).join("\0");
    const pod = podOf(labels, pods);
    const instance = labels.instance ?? "";
    const id = `${through === null ? "" : `${through.id}\0`}${wayId}\0${instance}\0${pod ?? ""}`;
    const known = this.all.get(id);
    if (known !== undefined) return known;
    const scrape: Scrape = {
      id,
      way,
      wayId,
      pod,
      // As a matcher has it: what was renamed is not what a server knows as the instance.
      instance: through?.instance ?? instance,
      host: hostOf(labels.instance),
      target,
      owners: new Set(),
      samples: 0,
      firstMs: Number.POSITIVE_INFINITY,
      through,
    };
    this.all.set(id, scrape);
    return scrape;
  }

  private noteOwner(scrape: Scrape, labels: Labels, reporter: Reporter): void {
    const names = reporter === "waypoint" ? [] : this.signals.labels.owner[reporter];
    const own = names.map((name) => labels[name] ?? "");
    if (own.length > 0 && !own.some((part) => UNKNOWN.test(part))) scrape.owners.add(own.join("/"));
  }
}

/** Labels of the proxy as it was scraped first, or null when nothing was renamed. */
function handedOnBy(labels: Labels, { labels: { pods } }: Signals): Labels | null {
  const names = ["instance", ...pods.flatMap(({ namespace, name }) => [namespace, name])];
  const renamed = names.filter((name) => labels[RENAMED + name] !== undefined);
  if (renamed.length === 0) return null;
  return { ...labels, ...Object.fromEntries(renamed.map((name) => [name, labels[RENAMED + name] ?? ""])) };
}

/** That a target which hands counters on was up proves nothing of the proxies behind it. */
const nobody = (signals: Signals): string => signals.labels.target.map(() => "").join("\0");

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
