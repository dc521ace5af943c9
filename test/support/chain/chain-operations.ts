/** The GraphQL that the on-chain tests send, and how they read it. */

import { expect } from "vitest";
import type { Answer, JournalEntry } from "../gateway.ts";
import { COMMIT_UPDATE, CONFIGURE_FOR_WALLET, CONFIRM } from "../mutations.ts";
import type { startChainGateway } from "./chain-gateway.ts";

/** A gateway with a real chain behind it. */
export type ChainGateway = Awaited<ReturnType<typeof startChainGateway>>;

export const SCRIPT = "#!/bin/sh\necho on a real chain\n";

const STATE = `{ cvm(id: "chain-app") {
  rawStatus inProgress preLaunchScript compose { hash }
  onChain { appContractAddress chainId owner allowAnyDevice composeHashAllowed deviceAllowed }
} }`;

type Ask = ChainGateway["ask"];

/** First phase: a change of the script of `chain-app`, unless `input` says otherwise. */
export async function requestHash(gateway: { ask: Ask }, input: object = {}) {
  const answer = await gateway.ask(CONFIGURE_FOR_WALLET, {
    input: { id: "chain-app", preLaunchScript: SCRIPT, ...input },
  });
  if (answer.data?.configureCvm?.__typename !== "OnChainHashRequired") {
    throw new Error(`no hash was asked for: ${JSON.stringify(answer)}`);
  }
  return answer.data.configureCvm;
}

/** Second phase. */
export function confirm(
  gateway: { ask: Ask },
  composeHash: string,
  transactionHash: string,
  more: object = {},
): Promise<Answer> {
  return gateway.ask(CONFIRM, { input: { id: "chain-app", composeHash, transactionHash, ...more } });
}

/** The commit of a prepared update; `headers` are the caller's, none by default. */
export function commit(gateway: { ask: Ask }, input: object, headers = {}): Promise<Answer> {
  return gateway.ask(COMMIT_UPDATE, { input: { id: "chain-app", ...input } }, headers);
}

/** How the CVM stands. */
export async function readState(gateway: { ask: Ask }) {
  const { data } = await gateway.ask(STATE);
  return data.cvm;
}

/** The statuses of the writes among the calls. */
export function listWrites(calls: readonly JournalEntry[]): string[] {
  return calls
    .filter(({ method, path }) => method === "PATCH" || path.endsWith("/commit-update"))
    .map(({ method, status }) => `${method} ${status}`);
}

/** Expect that nothing was applied or runs, and that the CVM still has its first hash. */
export async function expectUntouched(gateway: ChainGateway) {
  expect(await readState(gateway)).toMatchObject({
    inProgress: false,
    preLaunchScript: null,
    compose: { hash: gateway.composeHash },
  });
}
