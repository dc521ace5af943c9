import { randomUUID } from "node:crypto";
import type { Plugin } from "graphql-yoga";

const ACCEPTED = /^[\w-]{1,64}$/;
const HEADER = "x-request-id";

const ids = new WeakMap<Request, string>();

/** Return the id of a request: the client's own id when it is well formed, otherwise a new one. */
export function getRequestId(request: Request): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const given = request.headers.get(HEADER);
  const id = given !== null && ACCEPTED.test(given) ? given : randomUUID();
  ids.set(request, id);
  return id;
}

/** Set the request id on every response. */
export function useRequestId(): Plugin {
  return {
    onResponse({ request, response }) {
      response.headers.set(HEADER, getRequestId(request));
    },
  };
}
