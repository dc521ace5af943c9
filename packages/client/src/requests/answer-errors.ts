import type { FieldProblem, GatewayErrorDetails, Transaction } from "../error-types.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { isObject, type JsonObject, toText } from "../json.ts";

/** Shortest text of a variable that is removed from messages. Shorter ones occur in sentences by chance. */
const MIN_SECRET_CHARACTERS = 3;

/**
 * Create the error of an answer with errors. The gateway never quotes a variable. Whatever else answered may do so:
 * the texts of the variables are removed from the messages.
 */
export function createAnswerError(
  errors: readonly unknown[],
  variables: unknown,
  details: Pick<GatewayErrorDetails, "data" | "requestId">,
): CvmGatewayError {
  const hide = createRedaction(variables);
  const [first, ...others] = errors.map((error) => describeError(error, hide, details.requestId ?? null));
  const more = others.map(({ code, message, details: own }) => new CvmGatewayError(code, message, own));
  const { code, message, details: own } = first ?? describeError(null, hide, null);
  return new CvmGatewayError(code, message, { ...own, data: details.data, more });
}

type Description = {
  readonly code: string;
  readonly message: string;
  readonly details: GatewayErrorDetails;
};

function describeError(
  error: unknown,
  hide: (text: string) => string,
  requestId: string | null,
): Description {
  const { message, extensions, path } = isObject(error) ? error : {};
  const known = isObject(extensions) ? extensions : {};
  const { code, retryable, retryAfterMs } = known;
  return {
    code: toText(code) ?? "INVALID_RESPONSE",
    message: hide(toText(message) ?? "The gateway reported an error without a message."),
    details: {
      retryable: retryable === true,
      retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : null,
      requestId: toText(known["requestId"]) ?? requestId,
      fields: toObjects(known["fields"]).map((field) => toFieldProblem(field, hide)),
      path: Array.isArray(path) ? path.filter(isPathPart) : [],
      correlationId: toText(known["correlationId"]),
      currentVersion: toText(known["currentVersion"]),
      composeHash: toText(known["composeHash"]),
      prerequisites: toObjects(known["prerequisites"]).flatMap(toTransaction),
    },
  };
}

function toObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isPathPart(part: unknown): part is string | number {
  return typeof part === "string" || typeof part === "number";
}

function toFieldProblem({ path, message }: JsonObject, hide: (text: string) => string): FieldProblem {
  return { path: toText(path) ?? "", message: hide(toText(message) ?? "") };
}

function toTransaction({ chainId, to, data, value }: JsonObject): Transaction[] {
  if (typeof chainId !== "number" || typeof to !== "string" || typeof data !== "string") return [];
  return [{ chainId, to, data, value: toText(value) ?? "0x0" }];
}

/** Create the function that removes the texts of variables from a message. */
function createRedaction(variables: unknown): (text: string) => string {
  const texts = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === "string") {
      if (value.trim().length >= MIN_SECRET_CHARACTERS) texts.add(value);
    } else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) collect(item);
    }
  };
  collect(variables);
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return (message) => longestFirst.reduce((text, secret) => text.replaceAll(secret, "…"), message);
}
