import {
  type Attributes,
  context,
  INVALID_SPAN_CONTEXT,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { GatewayError } from "./errors.ts";

const tracer = trace.getTracer("cvm-gateway");

/** Span of a process that exports no traces. It records nothing. */
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

let tracing = false;

/** Record spans from now on. Before this call, no span object is created. */
export function enableSpans(): void {
  tracing = true;
}

/** Whether spans are recorded. */
export function isTracing(): boolean {
  return tracing;
}

/** Mark a span as failed with the code or class of the error, and never with its message. */
export function failSpan(span: Span, error: unknown): void {
  const type =
    error instanceof GatewayError ? error.code : error instanceof Error ? error.name : typeof error;
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/**
 * Run a function in a new span. When tracing is off, no span is created. Never put a credential, variable or
 * body into the attributes.
 */
export async function runInSpan<T>(
  name: string,
  kind: "client" | "internal",
  attributes: Attributes,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  if (!tracing) return run(NO_SPAN);
  const options = { kind: kind === "client" ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes };
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      failSpan(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Add the headers that make the receiver's spans children of the current span. */
export function withTraceHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const carrier = { ...headers };
  propagation.inject(context.active(), carrier);
  return carrier;
}
