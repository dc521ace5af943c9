import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

/**
 * Starts sending spans where the standard `OTEL_*` settings say. Only `traceparent` and `tracestate` go
 * upstream: baggage is the client's own and stays here.
 *
 * @returns what sends the last spans and stops.
 */
export function startTracing(): () => Promise<void> {
  const named = resourceFromAttributes({ "service.name": "cvm-gateway" });
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register({ propagator: new W3CTraceContextPropagator() });
  return () => provider.shutdown().catch(() => undefined);
}
