import { daysOld, fails, latency, likes, needs, service, store, talksTo } from "./make.ts";
import type { CronJobSpec, DriveSpec, ServiceSpec } from "./spec.ts";

/** Traffic of people: follows the day, comes in waves. */
const people = (to: string, rps: number, peakHourUtc = 14, swing = 0.55): DriveSpec => ({
  to,
  rps,
  swing,
  peakHourUtc,
  dispersion: 1.4,
  noise: 0.1,
});

/** Traffic of programs: all day the same. */
const programs = (to: string, rps: number): DriveSpec => ({
  to,
  rps,
  swing: 0.05,
  peakHourUtc: 3,
  dispersion: 1,
  noise: 0.04,
});

const GATEWAY = service("istio-system/istio-ingressgateway", {
  protocol: "none",
  port: 80,
  drives: [
    people("shop/storefront", 22),
    people("shop/search", 14, 15),
    people("accounts/login", 4, 13),
    people("logistics/tracking", 3.2, 12, 0.7),
    people("media/uploader", 0.9, 19, 0.6),
    people("messaging/inbox", 6, 18),
    programs("payments/gateway", 1.6),
    programs("platform/geo", 5),
  ],
  minAvailable: 1,
  ageMs: daysOld(33),
});

const SHOP: readonly ServiceSpec[] = [
  service("shop/storefront", {
    replicas: 3,
    calls: [
      ...needs({ "shop/catalog": 1.2, "platform/flags": 1 }),
      ...likes({ "shop/recommendations": 0.5, "shop/cart": 0.3, "accounts/sessions": 0.6 }),
    ],
    latency: latency(62, 0.55, 0.08),
    failures: fails(4e-4, 0.8, "connections"),
    notFoundShare: 0.011,
    minAvailable: 2,
    autoscaler: { min: 3, max: 9 },
    ageMs: daysOld(2.3),
  }),
  service("shop/search", {
    replicas: 2,
    calls: likes({ "shop/catalog": 0.4 }),
    latency: latency(85, 0.7, 0.1),
    failures: fails(1.2e-3, 0.6, "timeouts"),
    ageMs: daysOld(5.1),
  }),
  service("shop/catalog", {
    replicas: 4,
    calls: needs({ "shop/pricing": 0.5 }),
    connection: talksTo("shop/catalog-cache", 0.8),
    latency: latency(14),
    failures: fails(6e-5),
    notFoundShare: 0.02,
    minAvailable: 3,
    ageMs: daysOld(8),
  }),
  service("shop/pricing", { latency: latency(6, 0.4), failures: fails(1e-5) }),
  service("shop/cart", {
    replicas: 3,
    calls: needs({ "shop/pricing": 1 }),
    connection: talksTo("shop/cart-store", 1),
    latency: latency(11),
    failures: fails(2e-4),
    ageMs: daysOld(1.2),
  }),
  service("shop/checkout", {
    calls: [...needs({ "shop/inventory": 1, "payments/gateway": 1 }), ...likes({ "messaging/notifier": 1 })],
    drives: [],
    latency: latency(210, 0.6, 0.08),
    failures: fails(9e-4, 0.7),
    ageMs: daysOld(3.4),
  }),
  service("shop/inventory", {
    latency: latency(18),
    failures: fails(8e-5),
    connection: talksTo("shop/stock-db", 1),
    ageMs: daysOld(19),
  }),
  service("shop/recommendations", {
    calls: likes({ "accounts/profiles": 0.4 }),
    latency: latency(48, 0.8, 0.15),
    failures: fails(3.5e-3, 0.4, "timeouts"),
    ageMs: daysOld(0.8),
  }),
  service("shop/reviews", { replicas: 1, latency: latency(24), failures: fails(5e-4), ageMs: daysOld(27) }),
  service("shop/orders", {
    calls: needs({ "shop/checkout": 0.9 }),
    latency: latency(40),
    failures: fails(3e-4),
    ageMs: daysOld(6),
  }),
  store("shop/catalog-cache", 6379),
  store("shop/cart-store", 6379),
  store("shop/stock-db", 5432, { graceSeconds: 60, readyAfterMs: 9_000 }),
];

const PAYMENTS: readonly ServiceSpec[] = [
  service("payments/gateway", {
    replicas: 3,
    calls: [...needs({ "payments/fraud": 1, "payments/ledger": 1 }), ...likes({ "platform/audit": 1 })],
    latency: latency(140, 0.5, 0.05),
    failures: fails(2e-4),
    minAvailable: 2,
    ageMs: daysOld(11),
  }),
  service("payments/ledger", {
    connection: talksTo("payments/ledger-db", 1),
    latency: latency(22),
    failures: fails(2e-5),
    minAvailable: 1,
    ageMs: daysOld(24),
  }),
  service("payments/fraud", {
    calls: likes({ "platform/geo": 1, "accounts/profiles": 0.5 }),
    latency: latency(70, 0.6, 0.1),
    failures: fails(7e-4, 0.5, "timeouts"),
    ageMs: daysOld(4.6),
  }),
  service("payments/cards", {
    replicas: 1,
    drives: [programs("payments/ledger", 0.6)],
    protocol: "none",
    ageMs: daysOld(50),
  }),
  store("payments/ledger-db", 5432, { graceSeconds: 60, readyAfterMs: 10_000 }),
];

const ACCOUNTS: readonly ServiceSpec[] = [
  service("accounts/login", {
    calls: [...needs({ "accounts/sessions": 1 }), ...likes({ "platform/geo": 0.3, "accounts/consent": 0.2 })],
    latency: latency(95, 0.45),
    failures: fails(3e-4),
    ageMs: daysOld(7.5),
  }),
  service("accounts/sessions", {
    replicas: 3,
    connection: talksTo("accounts/session-store", 1),
    latency: latency(4, 0.4),
    failures: fails(3e-5),
    minAvailable: 2,
    ageMs: daysOld(14),
  }),
  service("accounts/profiles", {
    latency: latency(12),
    failures: fails(1.5e-4),
    notFoundShare: 0.004,
    ageMs: daysOld(10),
  }),
  service("accounts/consent", { replicas: 1, latency: latency(9), failures: fails(4e-4) }),
  store("accounts/session-store", 6379),
];

const LOGISTICS: readonly ServiceSpec[] = [
  service("logistics/tracking", {
    calls: needs({ "logistics/shipments": 1 }),
    latency: latency(35),
    failures: fails(6e-4, 0.9, "connections"),
    notFoundShare: 0.06,
    ageMs: daysOld(3),
  }),
  service("logistics/shipments", {
    replicas: 2,
    calls: likes({ "logistics/rates": 0.2 }),
    latency: latency(28),
    failures: fails(2e-4),
    ageMs: daysOld(21),
  }),
  service("logistics/rates", {
    replicas: 1,
    latency: latency(160, 0.7, 0.12),
    failures: fails(8e-3, 0.5, "timeouts"),
    ageMs: daysOld(38),
  }),
  service("logistics/warehouse", {
    replicas: 1,
    protocol: "none",
    drives: [programs("logistics/shipments", 1.5), programs("shop/inventory", 2), programs("shop/orders", 1.1)],
    ageMs: daysOld(18),
  }),
];

const MESSAGING: readonly ServiceSpec[] = [
  service("messaging/inbox", {
    calls: [...needs({ "accounts/sessions": 1 }), ...likes({ "messaging/templates": 0.3 })],
    latency: latency(30),
    failures: fails(1e-4),
    ageMs: daysOld(6.2),
  }),
  service("messaging/notifier", {
    calls: needs({ "messaging/templates": 1, "messaging/mailer": 0.7 }),
    latency: latency(55),
    failures: fails(5e-4),
    ageMs: daysOld(13),
  }),
  service("messaging/mailer", {
    replicas: 1,
    latency: latency(320, 0.8, 0.1),
    failures: fails(6e-3, 0.4),
    ageMs: daysOld(44),
  }),
  service("messaging/templates", { latency: latency(5, 0.4), failures: fails(1e-5) }),
];

const MEDIA: readonly ServiceSpec[] = [
  service("media/uploader", {
    replicas: 1,
    calls: needs({ "media/thumbnails": 2 }),
    latency: latency(900, 0.7, 0.08),
    failures: fails(2.5e-3, 0.6, "connections"),
    ageMs: daysOld(9.4),
  }),
  service("media/thumbnails", { replicas: 2, latency: latency(240, 0.5), failures: fails(1e-3), ageMs: daysOld(9.4) }),
  service("media/images", {
    replicas: 2,
    drives: [],
    latency: latency(7, 0.6),
    failures: fails(5e-5),
    notFoundShare: 0.03,
    ageMs: daysOld(30),
  }),
  service("media/crawler", {
    replicas: 1,
    protocol: "none",
    drives: [programs("media/images", 8), programs("shop/reviews", 2.4)],
    ageMs: daysOld(29),
  }),
];

const PLATFORM: readonly ServiceSpec[] = [
  service("platform/flags", {
    replicas: 3,
    latency: latency(2, 0.4),
    failures: fails(1e-5),
    minAvailable: 2,
    ageMs: daysOld(16),
  }),
  service("platform/geo", { replicas: 2, latency: latency(3, 0.4), failures: fails(4e-5), ageMs: daysOld(36) }),
  service("platform/audit", { replicas: 1, latency: latency(16), failures: fails(2e-4), ageMs: daysOld(41) }),
];

/** Services that have nothing to do with go-app. */
export const NEIGHBOURS: readonly ServiceSpec[] = [
  GATEWAY,
  ...SHOP,
  ...PAYMENTS,
  ...ACCOUNTS,
  ...LOGISTICS,
  ...MESSAGING,
  ...MEDIA,
  ...PLATFORM,
];

export const CRON_JOBS: readonly CronJobSpec[] = [{ namespace: "shop", name: "price-export", schedule: "30 3 * * *" }];
