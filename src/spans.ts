import {
  type Attributes,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { GatewayError } from "./errors.ts";

const tracer = trace.getTracer("cvm-gateway");

/** Marks a span as failed, by the error's code or kind and never by its message. */
export function failSpan(span: Span, error: unknown): void {
  const type =
    error instanceof GatewayError ? error.code : error instanceof Error ? error.name : typeof error;
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/**
 * Runs something within a span of its own. Does nothing beside where tracing is off. Attributes carry no
 * credential, variable or body: whoever adds one sees to that.
 */
export async function runInSpan<T>(
  name: string,
  kind: "client" | "internal",
  attributes: Attributes,
  run: (span: Span) => Promise<T>,
): Promise<T> {
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

/** The headers, and those that make the receiver's spans children of the running one. */
export function withTraceHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const carrier = { ...headers };
  propagation.inject(context.active(), carrier);
  return carrier;
}
