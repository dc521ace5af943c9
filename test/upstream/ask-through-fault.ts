import { ask, createGateway } from "../support/gateway.ts";
import { type Fault, startRawUpstream } from "../support/upstream/raw.ts";

export const READ = '{ cvm(id: "web") { id } }';

/** Time limits that a test can wait for. */
export const SHORT_TIMEOUTS = { UPSTREAM_READ_TIMEOUT_MS: "400", UPSTREAM_WRITE_TIMEOUT_MS: "400" };

/** Send one operation through a gateway whose upstream has a fault, and end both. */
export async function askThroughFault(
  fault: Fault,
  query: string,
  environment: Readonly<Record<string, string>> = SHORT_TIMEOUTS,
) {
  await using upstream = await startRawUpstream(fault);
  const { app, close } = createGateway(upstream.url, { environment });
  const answer = await ask(app, query, {}, { "x-api-key": "canary-key-1234" });
  await close();
  return { answer, upstream, error: answer.errors?.[0]?.extensions };
}
