import { randomUUID } from "node:crypto";
import type { Plugin } from "graphql-yoga";

const ACCEPTED = /^[\w-]{1,64}$/;
const HEADER = "x-request-id";

const ids = new WeakMap<Request, string>();

/** The id of a request: the client's own where it is well formed, else a new one. */
export function getRequestId(request: Request): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const given = request.headers.get(HEADER);
  const id = given !== null && ACCEPTED.test(given) ? given : randomUUID();
  ids.set(request, id);
  return id;
}

/** Puts the request's id on every response. */
export function useRequestId(): Plugin {
  return {
    onResponse({ request, response }) {
      response.headers.set(HEADER, getRequestId(request));
    },
  };
}
