import { Agent } from "undici";
import type { Egress } from "../../egress.ts";

/** Time of one fetch, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** The largest answer, in bytes. A set of a hundred keys is under 100 KiB. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Fetch the JSON that an issuer publishes. Redirects are not followed. @throws for every other answer */
export type FetchJson = (url: URL) => Promise<unknown>;

/** Connections to the issuers. */
export type IssuerConnections = { readonly fetchJson: FetchJson; close(): Promise<void> };

/** Open connections to the issuers. Nothing is sent before the first fetch. @param egress - null without a proxy */
export function openIssuerConnections(egress: Egress | null): IssuerConnections {
  const options = {
    connections: 4,
    allowH2: false,
    maxResponseSize: MAX_ANSWER_BYTES,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  };
  const agent =
    egress?.openAgent(options, { timeoutMs: TIMEOUT_MS }) ??
    new Agent({ ...options, connect: { timeout: TIMEOUT_MS } });
  return {
    async fetchJson(url) {
      const { statusCode, body } = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: "GET",
        headers: { accept: "application/json, application/jwk-set+json", "user-agent": "cvm-gateway" },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      return JSON.parse(text);
    },
    close: () => agent.destroy(),
  };
}
