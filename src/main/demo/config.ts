export interface DemoConfigOptions {
  readonly folder: string;
  readonly prometheusUrl: string;
  readonly seed: number;
  readonly port: number;
}

/**
 * The demo's own configuration: an experiment every half an hour of the quick clock, and a sham
 * every hour: one that meets open damage is not the only one.
 */
export function demoConfig({ folder, prometheusUrl, seed, port }: DemoConfigOptions): string {
  return `# What the demo runs with. A real one looks the same, with calmer windows.
cluster: demo
mode: inject
seed: ${seed}
prometheus: { url: "${prometheusUrl}", timeout: 2m }
kubernetes: { namespace: aftershock }
storage: { url: "embedded:${folder}/data" }
signals: istio
observation: { step: 60s, before: 10m, early: 5m, grace: 2m, late: 5m }
policies:
  - name: go-app-pods
    schedule: { cron: "0,30 * * * *", jitter: 5m, timezone: UTC, shamShare: 0 }
    target: { namespaces: [go-app], exclude: { labels: "app=load" } }
    faults: [{ kind: pod-delete, weight: 1 }]
    limits: { perDay: 50, cooldown: 5m, failedRequests: 1000000, maxUnavailable: 100%, singleReplica: allow, minAge: 0s, confirmations: 0 }
  - name: go-app-shams
    schedule: { cron: "17 * * * *", timezone: UTC, shamShare: 1 }
    target: { namespaces: [go-app], exclude: { labels: "app=load" } }
    faults: [{ kind: pod-delete, weight: 1 }]
    limits: { perDay: 50, cooldown: 0s, maxUnavailable: 100%, singleReplica: allow, minAge: 0s, confirmations: 0 }
gates: { lateAfter: 10m }
alerts: { enabled: false }
web: { host: 127.0.0.1, port: ${port} }
log: { level: error, format: text }
`;
}
