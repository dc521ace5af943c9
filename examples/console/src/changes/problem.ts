import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { CvmGatewayError } from "@cvm-gateway/client";

/** Error in a form that can be shown: what happened, where, and whether the same can work later. */
export type Problem = {
  /** Code of the gateway or of its client. Null for everything else. */
  readonly code: string | null;
  readonly message: string;
  /** Inputs that are wrong. */
  readonly fields: readonly { readonly path: string; readonly message: string }[];
  readonly requestId: string | null;
  readonly correlationId: string | null;
};

const NETWORK_MESSAGE = "The gateway does not answer. Check the connection.";

function readText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function readFields(value: unknown): { path: string; message: string }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const path = "path" in item ? readText(item.path) : null;
    const message = "message" in item ? readText(item.message) : null;
    return path === null || message === null ? [] : [{ path, message }];
  });
}

/** Return what can be said about an error. */
export function describeProblem(error: unknown): Problem {
  if (error instanceof CvmGatewayError) {
    const { code, message, fields, requestId, correlationId } = error;
    return { code, message, fields, requestId, correlationId };
  }
  if (CombinedGraphQLErrors.is(error)) {
    const [first] = error.errors;
    const extensions = first?.extensions ?? {};
    return {
      code: readText(extensions["code"]),
      message: first?.message ?? error.message,
      fields: readFields(extensions["fields"]),
      requestId: readText(extensions["requestId"]),
      correlationId: readText(extensions["correlationId"]),
    };
  }
  const isNetwork = error instanceof TypeError || (error instanceof Error && error.name === "ServerError");
  const message = error instanceof Error && !isNetwork ? error.message : NETWORK_MESSAGE;
  return { code: null, message, fields: [], requestId: null, correlationId: null };
}
