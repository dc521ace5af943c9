import type { ServerResponse } from "node:http";
import type { ExecutionResult, GraphQLError } from "graphql";
import { formatBadRequest } from "../errors/protocol-error.ts";
import { ACCEPT_ADVICE, type ResultType } from "../http/accept.ts";
import type { ResponseHead } from "../http/response-head.ts";
import { formatResult } from "./format-result.ts";

/** Messages for statuses without a result. */
const messages: Readonly<Record<number, string>> = {
  404: "Nothing is served at this path: send operations to /graphql.",
  406: `The result has no format that the Accept header allows. ${ACCEPT_ADVICE}`,
  415: "Send the operation as JSON, with content-type: application/json.",
};

/** What `extensions.http` of an error says about the response. */
type HttpExtension = { status?: number; spec?: boolean; headers?: Record<string, string> };

function readHttp({ extensions }: GraphQLError): HttpExtension {
  return Object(extensions["http"]);
}

/**
 * Choose the status: the highest that an error asks for. A status that only GraphQL over HTTP asks for applies to
 * `application/graphql-response+json` alone.
 */
function chooseStatus(errors: readonly GraphQLError[], type: ResultType): number {
  const statuses = errors.flatMap((error) => {
    const { status, spec } = readHttp(error);
    return status === undefined || (type === "application/json" && spec === true) ? [] : [status];
  });
  return statuses.length === 0 ? 200 : Math.max(...statuses);
}

/** List the headers that errors ask for. The last error decides about a header of several. */
function listHeaders(errors: readonly GraphQLError[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...errors.map((error) => readHttp(error).headers));
}

/** Options of {@link sendResult}. */
type SendOptions = {
  /** The media type whose statuses are used. By default that of the result. */
  readonly statusType?: ResultType;
  /** Headers that are not set yet. */
  readonly head?: ResponseHead;
};

/** Send a single result. */
export function sendResult(
  response: ServerResponse,
  result: ExecutionResult,
  type: ResultType,
  { statusType = type, head = [] }: SendOptions = {},
): void {
  const errors = result.errors ?? [];
  // As a text, the body leaves in one write with the headers.
  const body = JSON.stringify(formatResult(result));
  const headers = [
    ...head,
    "content-type",
    `${type}; charset=utf-8`,
    "content-length",
    String(Buffer.byteLength(body)),
  ];
  if (errors.length > 0) headers.push(...Object.entries(listHeaders(errors)).flat());
  response.writeHead(chooseStatus(errors, statusType), headers).end(body);
}

/** Send the error of a request that has no result. */
export function sendRefusal(
  response: ServerResponse,
  status: number,
  requestId: string,
  message = messages[status] ?? "The request was rejected.",
): void {
  const body = formatBadRequest(message, requestId);
  response
    .writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    })
    .end(body);
}
