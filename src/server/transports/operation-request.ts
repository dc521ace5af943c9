import { credentialHeaders } from "../../credential.ts";
import type { App } from "../types.ts";

/** The HTTP request of one operation on a transport that carries several. */
export type OperationRequest = {
  readonly request: Request;
  /** Abort the operation when its client leaves. */
  abort(): void;
};

/** Create a request for one operation, with its own id and signal and the credential of its caller. */
export function createOperationRequest(
  fetchAPI: Pick<App["fetchAPI"], "Request">,
  credentials: Headers,
): OperationRequest {
  const controller = new AbortController();
  const headers = credentialHeaders.flatMap((name): [string, string][] => {
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
