/** Media types of a single result. */
export type ResultType = "application/graphql-response+json" | "application/json";

const RESULT_TYPES: readonly ResultType[] = ["application/json", "application/graphql-response+json"];
const STREAM_TYPES = ["text/event-stream", "multipart/mixed"] as const;

/** What a client can send as `Accept`. */
export const ACCEPT_ADVICE =
  "Accept application/graphql-response+json or application/json for queries and mutations, and text/event-stream or multipart/mixed for subscriptions.";

/** List the media ranges of an `Accept` header. Only UTF-8 is supported. An absent header accepts everything. */
function listRanges(accept: string | null): string[] {
  return (accept || "*/*")
    .replace(/\s/g, "")
    .toLowerCase()
    .split(",")
    .flatMap((range) => {
      const [type = "", ...parameters] = range.split(";");
      const charset = parameters.find((parameter) => parameter.includes("charset="));
      return charset === undefined || charset === "charset=utf-8" ? [type] : [];
    });
}

function matches(range: string, type: string): boolean {
  const [wanted, wantedSubtype] = range.split("/");
  const [main, subtype] = type.split("/");
  return (wanted === "*" || wanted === main) && (wantedSubtype === "*" || wantedSubtype === subtype);
}

function chooseType(accept: string | null): ResultType | null {
  for (const range of listRanges(accept)) {
    const type = RESULT_TYPES.find((offered) => matches(range, offered));
    if (type !== undefined) return type;
  }
  return null;
}

/** Clients send few different headers. */
const MAX_REMEMBERED = 100;
const remembered = new Map<string | null, ResultType | null>();

/**
 * Choose the media type of a single result by the `Accept` header: the first that matches, as Yoga does.
 *
 * @returns null when the header allows none.
 */
export function chooseResultType(accept: string | null): ResultType | null {
  const known = remembered.get(accept);
  if (known !== undefined) return known;
  const type = chooseType(accept);
  if (remembered.size < MAX_REMEMBERED) remembered.set(accept, type);
  return type;
}

/**
 * Whether a result can be sent. It is checked before the operation runs. After that, the client would get an error
 * for a change that was made.
 */
export function acceptsResult(accept: string | null): boolean {
  if (chooseResultType(accept) !== null) return true;
  return listRanges(accept).some((range) => STREAM_TYPES.some((type) => matches(range, type)));
}
