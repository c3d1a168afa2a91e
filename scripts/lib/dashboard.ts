import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

const SOURCE = { type: "prometheus", uid: "$datasource" } as const;
/** Of 24 columns. */
const WIDTH = { stat: 4, series: 8 } as const;
const HEIGHT = { stat: 4, series: 8 } as const;

/** Experiments under way, once each however many workers tell of them. */
const UNDER_WAY = "max by (policy, fault, namespace, workload) (aftershock_experiment_active)";
const ISTIO = 'istio_requests_total{reporter="source",destination_service_namespace=~"$namespace"}';
const BY_SERVICE = "sum by (destination_service_namespace, destination_service_name)";

interface Asked {
  readonly title: string;
  readonly description: string;
  readonly expr: string;
  readonly unit?: string;
}

const query = ({ expr }: Asked, legend = "") =>
  new DataqueryBuilder().expr(expr).legendFormat(legend).datasource(SOURCE);

/** One number; red from `red` on, or below it. */
function stat(asked: Asked, red: { readonly from: number } | { readonly below: number } | null) {
  const { title, description, unit = "short" } = asked;
  const [low, bound, high] =
    red === null ? ["green"] : "from" in red ? ["green", red.from, "red"] : ["red", red.below, "green"];
  const steps = [
    { value: null, color: String(low) },
    ...(high === undefined ? [] : [{ value: Number(bound), color: String(high) }]),
  ];
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .noValue("–")
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .withTarget(query(asked).instant())
    .span(WIDTH.stat)
    .height(HEIGHT.stat);
}

/** Lines over time, one for each series. */
function series(asked: Asked, legend: string) {
  const { title, description, unit = "short" } = asked;
  return new TimeseriesBuilder()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .min(0)
    .withTarget(query(asked, legend).range())
    .span(WIDTH.series)
    .height(HEIGHT.series);
}

const p99 = (name: string, by: string): string =>
  `histogram_quantile(0.99, sum by (${by}) (rate(aftershock_${name}_bucket[$__rate_interval])))`;

/**
 * The Grafana dashboard over our own metrics and Istio's, with experiments as annotations from a
 * metric: nothing need be written to Grafana. docs/metrics.md says what each number is.
 */
export function dashboard(): unknown {
  return new DashboardBuilder("Aftershock")
    .uid("aftershock")
    .description("Experiments, what they did to services, and the worker itself.")
    .tags(["aftershock", "chaos-engineering"])
    .timezone("browser")
    .time({ from: "now-24h", to: "now" })
    .refresh("1m")
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(
      new QueryVariableBuilder("namespace")
        .label("Namespace")
        .datasource(SOURCE)
        .query("label_values(istio_requests_total, destination_service_namespace)")
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue(".+"),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name("Experiments")
        .datasource(SOURCE)
        .enable(true)
        .iconColor("purple")
        .expr(UNDER_WAY)
        .step("30s")
        .titleFormat("{{fault}}: {{namespace}}/{{workload}}")
        .textFormat("policy {{policy}}")
        .tagKeys("policy,fault"),
    )
    .withRow(new RowBuilder("Now"))
    .withPanel(
      stat(
        {
          title: "Open damage",
          description: "Experiments whose damage is still there.",
          expr: "max(aftershock_open_damage)",
        },
        { from: 1 },
      ),
    )
    .withPanel(
      stat(
        {
          title: "Under way",
          description: "Experiments between intent and verdict.",
          expr: `count(${UNDER_WAY}) or on () (0 * max(aftershock_build_info))`,
        },
        null,
      ),
    )
    .withPanel(
      stat(
        {
          title: "Last round of a worker",
          description: "Time since a worker last swept; it does so every minute.",
          unit: "s",
          expr: 'time() - max(aftershock_loop_last_success_timestamp_seconds{loop="sweep"})',
        },
        { from: 600 },
      ),
    )
    .withPanel(
      stat(
        {
          title: "Journal",
          description: "1 when every worker can read it; else nothing is injected.",
          expr: "min(aftershock_storage_up)",
        },
        { below: 1 },
      ),
    )
    .withPanel(
      stat(
        {
          title: "Shams, 30 days",
          description: "Shams that were judged; nothing is injected in them.",
          expr: "sum(increase(aftershock_shams_total[30d]))",
        },
        null,
      ),
    )
    .withPanel(
      stat(
        {
          title: "False alarms, 30 days",
          description: "Shams in which a service was called worse. At most 5 % are promised.",
          expr: "sum(increase(aftershock_false_alarms_total[30d]))",
        },
        null,
      ),
    )
    .withRow(new RowBuilder("Experiments and the services of the mesh"))
    .withPanel(
      series(
        {
          title: "Outcomes a day",
          description: "Experiments that were judged, by their outcome.",
          expr: "sum by (outcome) (increase(aftershock_outcomes_total[1d]))",
        },
        "{{outcome}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "Failed requests by service",
          description: "Share of requests that failed, as callers saw it; shaded: an experiment is under way.",
          unit: "percentunit",
          expr: `${BY_SERVICE} (rate(${ISTIO.replace("}", ',response_code=~"5..|0",response_flags!~"(.*,)?(DC|DR)(,.*)?"}')}[$__rate_interval])) / ${BY_SERVICE} (rate(${ISTIO}[$__rate_interval]))`,
        },
        "{{destination_service_namespace}}/{{destination_service_name}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "Requests by service",
          description: "Requests a second, as callers saw them.",
          unit: "reqps",
          expr: `${BY_SERVICE} (rate(${ISTIO}[$__rate_interval]))`,
        },
        "{{destination_service_namespace}}/{{destination_service_name}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "Refusals a day",
          description: "Injections that a gate refused.",
          expr: "sum by (gate) (increase(aftershock_refusals_total[1d]))",
        },
        "{{gate}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "Recovery of open damage, median of 7 days",
          description: "Time from the fault to the recovery.",
          unit: "s",
          expr: "histogram_quantile(0.5, sum by (le) (increase(aftershock_recovery_duration_seconds_bucket[7d])))",
        },
        "median",
      ),
    )
    .withPanel(
      series(
        {
          title: "Messages a day",
          description: "By what became of them.",
          expr: "sum by (result) (increase(aftershock_messages_total[1d]))",
        },
        "{{result}}",
      ),
    )
    .withRow(new RowBuilder("The worker"))
    .withPanel(
      series(
        {
          title: "Requests to the API server",
          description: "Requests a second.",
          unit: "reqps",
          expr: "sum by (verb) (rate(aftershock_kubernetes_requests_total[$__rate_interval]))",
        },
        "{{verb}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "API server, p99",
          description: "Time to an answer of the API server.",
          unit: "s",
          expr: p99("kubernetes_request_duration_seconds", "le, verb"),
        },
        "{{verb}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "Readings, p99",
          description: "Time of one reading of the metrics source.",
          unit: "s",
          expr: p99("source_read_duration_seconds", "le, reading"),
        },
        "{{reading}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "Journal, p99",
          description: "Time until an event is durable.",
          unit: "s",
          expr: p99("journal_append_duration_seconds", "le"),
        },
        "append",
      ),
    )
    .withPanel(
      series(
        {
          title: "Memory",
          description: "Resident memory of each worker.",
          unit: "bytes",
          expr: "process_resident_memory_bytes and on (instance) aftershock_build_info",
        },
        "{{pod}}",
      ),
    )
    .withPanel(
      series(
        {
          title: "CPU",
          description: "Of one core, for each worker.",
          unit: "percentunit",
          expr: "rate(process_cpu_seconds_total[$__rate_interval]) and on (instance) aftershock_build_info",
        },
        "{{pod}}",
      ),
    )
    .build();
}
