import type { Reporter } from "../../../core/model/series.ts";
import type { Labels } from "../signals/classify.ts";
import type { Signals } from "../signals/signals.ts";

/** Values seen of each label that tells clusters apart. */
export class ClusterValues {
  readonly seen = new Map<string, Set<string>>();
  private readonly signals: Signals;

  constructor(signals: Signals) {
    this.signals = signals;
  }

  /**
   * Labels that Prometheus adds may be missing of some; of the request's own, that which names the
   * reporting proxy's cluster counts.
   */
  add(labels: Labels): void {
    const { clusters, ownCluster, reporter } = this.signals.labels;
    for (const name of clusters) this.valuesOf(name).add(labels[name] ?? "");
    const kinds = Object.keys(ownCluster) as Reporter[];
    const kind = kinds.find((one) => this.signals.reporters[one] === labels[reporter]);
    const name = kind === undefined ? undefined : ownCluster[kind];
    const value = name === undefined ? undefined : labels[name];
    if (name !== undefined && value !== undefined && value !== "" && value !== "unknown")
      this.valuesOf(name).add(value);
  }

  private valuesOf(name: string): Set<string> {
    const values = this.seen.get(name) ?? new Set<string>();
    this.seen.set(name, values);
    return values;
  }
}
