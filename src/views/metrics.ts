/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
