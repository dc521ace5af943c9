import { parseKeyPairsIntoRecord, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { Egress } from "../../egress.ts";
import { enableSpans } from "../../spans.ts";

/**
 * Start to export spans to the endpoint of the standard `OTEL_*` settings. Only `traceparent` and `tracestate`
 * are sent to the REST API; the client's baggage is not.
 *
 * @param egress - null without a proxy
 * @param headers - of the requests to the collector, as `name=value`, comma-separated
 * @returns a function that exports the last spans and stops.
 */
export function startTracing(egress: Egress | null, headers: string | null): () => Promise<void> {
  const proxied = egress === null ? {} : { httpAgentOptions: { keepAlive: true, proxyEnv: egress.proxyEnv } };
  const named = resourceFromAttributes({ "service.name": "cvm-gateway" });
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor(
        new OTLPTraceExporter({ ...proxied, ...(headers && { headers: parseKeyPairsIntoRecord(headers) }) }),
      ),
    ],
  });
  provider.register({ propagator: new W3CTraceContextPropagator() });
  enableSpans();
  return () => provider.shutdown().catch(() => undefined);
}
