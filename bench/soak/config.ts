/**
 * An experiment every half an hour and a sham every hour; everything else as the defaults have
 * it, with short windows.
 */
export function soakConfig({
  storage,
  prometheusUrl,
  seed,
}: {
  readonly storage: string;
  readonly prometheusUrl: string;
  readonly seed: number;
}): string {
  return `
cluster: soak
mode: inject
seed: ${seed}
prometheus: { url: "${prometheusUrl}" }
kubernetes: { namespace: aftershock }
storage: { url: "${storage}" }
signals: istio
observation: { step: 60s, before: 10m, early: 5m, grace: 2m, late: 5m }
policies:
  - name: go-app-pods
    schedule: { cron: "0,30 * * * *", jitter: 5m, timezone: UTC, shamShare: 0.1 }
    target: { namespaces: [go-app], exclude: { labels: "app=load" } }
    faults: [{ kind: pod-delete, weight: 2 }, { kind: pod-evict, weight: 1 }, { kind: pod-kill, weight: 1 }]
    limits: { perDay: 50, cooldown: 5m, maxUnavailable: 100%, singleReplica: allow, minAge: 0s }
  - name: shams
    schedule: { cron: "17 * * * *", timezone: UTC, shamShare: 1 }
    target: { namespaces: [go-app], exclude: { labels: "app=load" } }
    faults: [{ kind: pod-delete, weight: 1 }]
    limits: { perDay: 50, cooldown: 0s, maxUnavailable: 100%, singleReplica: allow, minAge: 0s }
gates: { lateAfter: 25m }
alerts: { enabled: false }
`;
}
