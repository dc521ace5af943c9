import { callerHeaders } from "../../credential.ts";
import type { App } from "../types.ts";

/** The HTTP request of one operation on a transport that carries several. */
export type OperationRequest = {
  readonly request: Request;
  /** Abort the operation when its client leaves. */
  abort(): void;
};

/** Create a request for one operation, with its own id and signal, and with the credential and workspace of its caller. */
export function createOperationRequest(
  fetchAPI: Pick<App["fetchAPI"], "Request">,
  caller: Headers,
): OperationRequest {
  const controller = new AbortController();
  const headers = callerHeaders.flatMap((name): [string, string][] => {
    const value = caller.get(name);
    return value === null ? [] : [[name, value]];
  });
  const request = new fetchAPI.Request("http://gateway.invalid/graphql", {
    method: "POST",
    headers,
    signal: controller.signal,
  });
  return { request, abort: () => controller.abort() };
}
