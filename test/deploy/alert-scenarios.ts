/** Series that make an alert fire, and similar ones that do not. Values are in the notation of promtool. */
type AlertScenario = {
  readonly alert: string;
  readonly reason: string;
  readonly interval: string;
  /** Time at which the alert has to fire. */
  readonly at: string;
  readonly series: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
};

const JOB = 'job="cvm-gateway",instance="a"';
const operations = (outcome: string) =>
  `cvm_gateway_operations_total{${JOB},type="mutation",operation="configureCvm",outcome="${outcome}"}`;
const calls = (status: string) =>
  `cvm_gateway_upstream_calls_total{${JOB},method="GET",endpoint="/cvms/{id}",status="${status}"}`;
const bucket = (le: string) =>
  `cvm_gateway_operation_duration_seconds_bucket{${JOB},type="query",operation="cvms",le="${le}"}`;
const up = { [`up{${JOB}}`]: "1+0x60" };

/** One scenario for each alert, in the order of the rules. */
export const alertScenarios: readonly AlertScenario[] = [
  {
    alert: "CvmGatewayDown",
    reason: "there is no gateway",
    interval: "30s",
    at: "5m",
    series: {},
    quiet: up,
  },
  {
    alert: "CvmGatewayRestarts",
    reason: "a gateway has started three times",
    interval: "1m",
    at: "12m",
    series: { [`process_start_time_seconds{${JOB}}`]: "100 100 200 200 200 300 300 300 400 400 400 400 400" },
    quiet: { [`process_start_time_seconds{${JOB}}`]: "100 100 200 200 200 200 200 200 200 200 200 200 200" },
  },
  {
    alert: "CvmGatewayInternalErrors",
    reason: "the first internal error happens",
    interval: "1m",
    at: "21m",
    series: { [operations("INTERNAL_SERVER_ERROR")]: "_x20 1 1" },
    quiet: { [operations("INTERNAL_SERVER_ERROR")]: "1+0x22", [operations("ok")]: "_x20 1 1" },
  },
  {
    alert: "CvmGatewayUnknownOutcomes",
    reason: "the outcome of another write is unknown",
    interval: "1m",
    at: "21m",
    series: { [operations("OUTCOME_UNKNOWN")]: "1+0x20 2" },
    quiet: { [operations("OUTCOME_UNKNOWN")]: "2+0x22" },
  },
  {
    alert: "CvmGatewayBreakerOpen",
    reason: "the breaker is open for two minutes",
    interval: "30s",
    at: "5m",
    series: { [`cvm_gateway_upstream_breaker_state{${JOB}}`]: "2+0x20" },
    quiet: { [`cvm_gateway_upstream_breaker_state{${JOB}}`]: "2 1 0 0 2 1 0 0 2 1 0 0" },
  },
  {
    alert: "CvmGatewayUpstreamErrors",
    reason: "a fifth of the calls has no answer",
    interval: "1m",
    at: "20m",
    series: { [calls("none")]: "0+2x30", [calls("200")]: "0+8x30" },
    quiet: { [calls("none")]: "0+1x30", [calls("200")]: "0+19x30", [calls("404")]: "0+80x30" },
  },
  {
    alert: "CvmGatewayUpstreamRateLimited",
    reason: "many calls are answered with 429",
    interval: "1m",
    at: "25m",
    series: { [calls("429")]: "0+10x30" },
    quiet: { [calls("429")]: "0+1x30" },
  },
  {
    alert: "CvmGatewayUpstreamChanged",
    reason: "answers cannot be read",
    interval: "1m",
    at: "20m",
    series: { [operations("UPSTREAM_MALFORMED")]: "0+1x30" },
    quiet: { [operations("UPSTREAM_MALFORMED")]: "0 0 0 1+0x30" },
  },
  {
    alert: "CvmGatewayRedisFailing",
    reason: "commands fail",
    interval: "1m",
    at: "10m",
    series: { [`cvm_gateway_redis_failures_total{${JOB}}`]: "0+3x20" },
    quiet: { [`cvm_gateway_redis_failures_total{${JOB}}`]: "7+0x20" },
  },
  {
    alert: "CvmGatewayRedisUnstable",
    reason: "the locks have paused three times",
    interval: "1m",
    at: "50m",
    series: { [`cvm_gateway_redis_lock_pauses_total{${JOB}}`]: "0+0x9 1+0x9 2+0x9 3+0x29" },
    quiet: { [`cvm_gateway_redis_lock_pauses_total{${JOB}}`]: "0+0x9 1+0x9 2+0x39" },
  },
  {
    alert: "CvmGatewaySlow",
    reason: "queries take half a minute",
    interval: "1m",
    at: "20m",
    series: { [bucket("10")]: "0+0x30", [bucket("30")]: "0+9x30", [bucket("+Inf")]: "0+9x30" },
    quiet: { [bucket("10")]: "0+9x30", [bucket("30")]: "0+9x30", [bucket("+Inf")]: "0+9x30" },
  },
  {
    alert: "CvmGatewayEventLoopSlow",
    reason: "the event loop lags",
    interval: "1m",
    at: "10m",
    series: { [`nodejs_eventloop_lag_p99_seconds{${JOB}}`]: "0.9+0x20" },
    quiet: { [`nodejs_eventloop_lag_p99_seconds{${JOB}}`]: "0.9 0.9 0.1 0.9 0.1 0.1 0.9 0.1 0.1 0.1 0.9" },
  },
  {
    alert: "CvmGatewayStreamsHigh",
    reason: "streams come close to the limit of the manifests",
    interval: "1m",
    at: "10m",
    series: { [`cvm_gateway_subscriptions{${JOB}}`]: "9000+0x20" },
    quiet: { [`cvm_gateway_subscriptions{${JOB}}`]: "7000+0x20" },
  },
  {
    alert: "CvmGatewayMemoryHigh",
    reason: "the memory comes close to the limit of the manifests",
    interval: "1m",
    at: "15m",
    series: { [`process_resident_memory_bytes{${JOB}}`]: "950000000+0x20" },
    quiet: { [`process_resident_memory_bytes{${JOB}}`]: "300000000+0x20" },
  },
  {
    alert: "CvmGatewayClientsRateLimited",
    reason: "half of the operations are rejected",
    interval: "1m",
    at: "50m",
    series: { [operations("RATE_LIMITED")]: "0+5x60", [operations("ok")]: "0+5x60" },
    quiet: { [operations("RATE_LIMITED")]: "0+1x60", [operations("ok")]: "0+50x60" },
  },
];
