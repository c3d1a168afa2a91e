import type { ServiceId } from "../../core/model/cluster.ts";
import type { Outcome } from "../../core/model/outcome.ts";
import type { SettledRisk } from "../../core/model/risk.ts";
import type { CoverageLine, FindingLine } from "../../core/model/weekly-report.ts";
import type { ListedExperiment } from "./listed.ts";

/** One service (or a workload without one) as the list of services has it. */
export interface ListedService {
  readonly service: ServiceId;
  /** Experiments and natural failures that said something of it, by what they said. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** The newest of them. */
  readonly last: { readonly id: string; readonly atMs: number; readonly outcome: Outcome } | null;
  /** Whether a workload of this name may be hit, and was; null: not known. */
  readonly coverage: CoverageLine["state"] | null;
  /** Why it may not. */
  readonly why: readonly string[];
  readonly lastHitMs: number | null;
  /** Titles of its open findings. */
  readonly findings: readonly string[];
  /** Titles of its risks that were not refuted, with their state. */
  readonly risks: readonly Pick<SettledRisk, "title" | "state">[];
}

interface Making {
  outcomes: Record<Outcome, number>;
  last: ListedService["last"];
  lastHitMs: number | null;
}

/** What services are listed by. */
export interface ServiceSources {
  /** Newest first. */
  readonly lines: readonly ListedExperiment[];
  readonly findings: readonly FindingLine[];
  readonly risks: readonly SettledRisk[];
  readonly coverage: readonly CoverageLine[];
}

/**
 * Every service that an experiment, a finding or the cluster speaks of. Those with open findings
 * come first, then those that did not recover, then by name. Shams test nothing and do not count.
 */
export function listServices({ lines, findings, risks, coverage }: ServiceSources): readonly ListedService[] {
  const made = new Map<ServiceId, Making>();
  const at = (service: ServiceId): Making => {
    const known = made.get(service) ?? { outcomes: noOutcomes(), last: null, lastHitMs: null };
    made.set(service, known);
    return known;
  };
  for (const line of lines) {
    if (line.outcome === null) continue;
    for (const { service, outcome } of line.effects) {
      const one = at(service);
      one.outcomes[outcome]++;
      one.last ??= { id: line.id, atMs: line.atMs, outcome };
    }
    for (const service of line.services) at(service).lastHitMs ??= line.kind === "fault" ? line.atMs : null;
  }
  const open = findings.filter(({ status }) => status !== "fixed");
  const byService = Map.groupBy(open, serviceOfFinding);
  const byName = new Map(coverage.map((line) => [`${line.workload.namespace}/${line.workload.name}`, line]));
  const risky = Map.groupBy(
    risks.filter(({ state }) => state !== "refuted"),
    serviceOfRisk,
  );
  for (const service of [...risky.keys(), ...byService.keys(), ...byName.keys()]) at(service);
  return [...made]
    .map(([service, { outcomes, last, lastHitMs }]): ListedService => {
      const covered = byName.get(service);
      return {
        service,
        outcomes,
        last,
        coverage: covered?.state ?? null,
        why: covered?.why ?? [],
        lastHitMs: latest(lastHitMs, covered?.lastHitMs ?? null),
        findings: (byService.get(service) ?? []).map(
          ({ finding, title, weakness }) => finding?.title ?? title ?? weakness,
        ),
        risks: (risky.get(service) ?? []).map(({ title, state }) => ({ title, state })),
      };
    })
    .toSorted(
      (a, b) =>
        b.findings.length - a.findings.length ||
        b.outcomes["not recovered"] - a.outcomes["not recovered"] ||
        (a.service < b.service ? -1 : 1),
    );
}

const noOutcomes = (): Record<Outcome, number> => ({ unaffected: 0, recovered: 0, "not recovered": 0, unknown: 0 });

/** The service of a finding; of one whose experiment is gone, its workload's name. */
export const serviceOfFinding = ({ finding, workload }: FindingLine): ServiceId =>
  finding?.service ?? workload.slice(workload.indexOf("/") + 1);

/** The service of a risk; of a workload without one its name. */
export const serviceOfRisk = ({ service, workload }: SettledRisk): ServiceId =>
  service ?? `${workload.namespace}/${workload.name}`;

const latest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);
