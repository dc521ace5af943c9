import { createProtocolError } from "../errors/protocol-error.ts";

/** Parameters of one operation, as GraphQL over HTTP defines them. */
export type OperationParams = {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | null;
};

/** Find the text of the trusted document that a request names by its id. @throws {GraphQLError} */
export type TextFinder = (params: object) => string | null;

function describeType(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function createParamError(message: string) {
  return createProtocolError("BAD_REQUEST", message, { status: 400 });
}

/** Return a parameter that is an object or absent. @throws {GraphQLError} `BAD_REQUEST` */
function parseObject(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw createParamError(
    `Expected "${name}" param to be empty or an object, but given ${describeType(value)}.`,
  );
}

function parseOperationName(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw createParamError(
    `Expected "operationName" param to be empty or a string, but given ${describeType(value)}.`,
  );
}

/**
 * Parse the parameters of an operation. Other members are ignored.
 *
 * @throws {GraphQLError} `BAD_REQUEST`, and those of `findText`
 */
export function parseParams(params: unknown, findText: TextFinder): OperationParams {
  if (Array.isArray(params)) throw createParamError("Batching is not supported.");
  if (!isObject(params)) throw createParamError("The request body must be a JSON object.");
  const query = findText(params) ?? params["query"];
  if (query === undefined || query === null) throw createParamError("Must provide query string.");
  if (typeof query !== "string") {
    throw createParamError(`Expected "query" param to be a string, but given ${describeType(query)}.`);
  }
  const variables = parseObject("variables", params["variables"]);
  parseObject("extensions", params["extensions"]);
  return { query, variables, operationName: parseOperationName(params["operationName"]) };
}
