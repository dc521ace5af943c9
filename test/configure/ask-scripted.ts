import { ask, createGateway } from "../support/gateway.ts";
import { KEY, nameCall, type startScripted } from "../support/upstream/scripted.ts";

/** Send a mutation for the CVM `web` through a gateway. @returns the answer, and the writes with their bodies. */
export async function askScripted(
  upstream: Awaited<ReturnType<typeof startScripted>>,
  query: string,
  input: object,
) {
  const { app, close } = createGateway(upstream.url);
  const answer = await ask(app, query, { input: { id: "web", ...input } }, { "x-api-key": KEY });
  await close();
  const writes = upstream.requests
    .filter(({ method }) => method !== "GET")
    .map((request): [string, unknown] => [nameCall(request), JSON.parse(request.body)]);
  return { answer, writes };
}
