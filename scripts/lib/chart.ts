import { configJsonSchema } from "../../src/config/schema/json-schema.ts";

/**
 * Files that the chart needs beside it: Helm reads nothing outside a chart's folder. Paths from the
 * project's root.
 */
export const CHART_FILES = [
  { from: "rules/prometheus/aftershock.rules.yaml", to: "deploy/helm/aftershock/files/aftershock.rules.yaml" },
  { from: "rules/prometheus/aftershock.alerts.yaml", to: "deploy/helm/aftershock/files/aftershock.alerts.yaml" },
  { from: "deploy/grafana/aftershock.json", to: "deploy/helm/aftershock/files/grafana-aftershock.json" },
] as const;

const text = { type: "string" };
const flag = { type: "boolean" };
const map = { type: "object", additionalProperties: { type: "string" } };
const list = { type: "array" };
const anything = { type: "object" };

const strict = (properties: Record<string, unknown>) => ({ type: "object", properties, additionalProperties: false });
const enabled = (more: Record<string, unknown> = {}) => strict({ enabled: flag, ...more });

/**
 * Helm reads patterns as Go does, which has no look-ahead: such a pattern is left to the program
 * itself.
 */
const withoutLookAhead = (key: string, value: unknown): unknown =>
  key === "pattern" && typeof value === "string" && /\(\?[=!<]/.test(value) ? undefined : value;

/** What the chart's values may be; `config` is held to the schema of the configuration file. */
export function chartValuesSchema(): unknown {
  const { $schema, title, ...config } = JSON.parse(JSON.stringify(configJsonSchema(), withoutLookAhead));
  return {
    $schema,
    title: `Values of the chart (${title})`,
    ...strict({
      image: strict({ repository: text, tag: text, pullPolicy: { enum: ["Always", "IfNotPresent", "Never"] } }),
      imagePullSecrets: list,
      storage: strict({
        kind: { enum: ["embedded", "redis", "external"] },
        embedded: strict({ size: text, storageClassName: text }),
        redis: strict({ image: text, size: text, storageClassName: text, existingSecret: text }),
        external: strict({ existingSecret: text }),
      }),
      replicas: { type: "integer", minimum: 1 },
      slack: strict({ existingSecret: text }),
      config,
      rbac: strict({ create: flag }),
      serviceAccount: strict({ create: flag, name: text, annotations: map }),
      resources: anything,
      podAnnotations: map,
      nodeSelector: map,
      tolerations: list,
      affinity: anything,
      priorityClassName: text,
      podMonitor: enabled({ interval: text, labels: map }),
      prometheusRule: enabled({ labels: map }),
      grafanaDashboard: enabled({ labels: map }),
      networkPolicy: enabled(),
      podDisruptionBudget: enabled(),
      ingress: enabled({ className: text, annotations: map, host: text, tlsSecret: text }),
      global: anything,
    }),
  };
}
