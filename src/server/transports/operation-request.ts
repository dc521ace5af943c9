import type { App } from "../http/app.ts";

/** A request that stands for one operation of a transport that carries several. */
export type OperationRequest = {
  readonly request: Request;
  /** Tells the operation that its client has left. */
  abort(): void;
};

/** Headers that an operation takes over from what opened its connection. */
const KEPT = ["x-api-key", "authorization"] as const;

/** Makes the request that stands for one operation: its own id and signal, and the caller's credential. */
export function createOperationRequest(
  fetchAPI: Pick<App["fetchAPI"], "Request">,
  credentials: Headers,
): OperationRequest {
  const controller = new AbortController();
  const headers = KEPT.flatMap((name): [string, string][] => {
    const value = credentials.get(name);
    return value === null ? [] : [[name, value]];
  });
  const request = new fetchAPI.Request("http://gateway.invalid/graphql", {
    method: "POST",
    headers,
    signal: controller.signal,
  });
  return { request, abort: () => controller.abort() };
}
