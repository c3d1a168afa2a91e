import type { V1NodeSelectorRequirement, V1PodSpec, V1Toleration } from "@kubernetes/client-node";
import type { Apart, NodeRequirement, Placement } from "../../../core/model/placement.ts";

/**
 * Tolerations that every pod gets, which say nothing: the pod goes after some minutes all the same.
 */
const EVERYBODYS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** What the pod's spec asks of its node; null when any node will do. */
export function placementOf(spec: V1PodSpec | undefined): Placement | null {
  const tolerations = (spec?.tolerations ?? []).filter((one) => !isEverybodys(one)).map(toToleration);
  const selector = spec?.nodeSelector ?? {};
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const terms = (required ?? []).map(({ matchExpressions = [], matchFields = [] }) => [
    ...matchExpressions.map(toRequirement),
    ...matchFields.map(toRequirement),
  ]);
  if (tolerations.length === 0 && terms.length === 0 && Object.keys(selector).length === 0) return null;
  return { tolerations, selector, terms };
}

/** Pods of its own namespace that its spec keeps away from its node; null when there are none. */
export function apartOf(spec: V1PodSpec | undefined): readonly Apart[] | null {
  const required = spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const own = required.filter((one) => !one.namespaces?.length && one.namespaceSelector === undefined);
  const apart = own.map(({ topologyKey, labelSelector }) => ({
    topologyKey,
    labels: [
      ...Object.entries(labelSelector?.matchLabels ?? {}).map(([key, value]) => ({
        ...{ key, operator: "In", values: [value] },
      })),
      ...(labelSelector?.matchExpressions ?? []).map(toRequirement),
    ],
  }));
  return apart.length === 0 ? null : apart;
}

const isEverybodys = ({ key, tolerationSeconds }: V1Toleration): boolean =>
  tolerationSeconds !== undefined && key !== undefined && EVERYBODYS.includes(key);

const toToleration = ({ key, operator, value, effect }: V1Toleration) => ({
  ...(key ? { key } : {}),
  ...(operator ? { operator } : {}),
  ...(value ? { value } : {}),
  ...(effect ? { effect } : {}),
});

const toRequirement = ({
  key,
  operator,
  values,
}: Pick<V1NodeSelectorRequirement, "key" | "operator" | "values">): NodeRequirement => ({
  key,
  operator,
  values: values ?? [],
});
