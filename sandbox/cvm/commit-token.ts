import { deriveUuid } from "../identity.ts";
import type { ReplicaPlan } from "./types.ts";

/** A one-time commit token: completes a prepared change or a prepared replica of one CVM. */
export type CommitToken = {
  readonly tenant: string;
  readonly cvmId: string;
  readonly composeHash: string;
  /** The replica that the token creates; null for a token of an update. */
  readonly replica: ReplicaPlan | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  used: boolean;
};

/** Commit tokens of all workspaces. The token alone identifies the CVM. */
export type TokenStore = {
  /** Issue a token, a UUID. It ends the earlier token of the CVM for the same purpose. */
  issue(facts: Omit<CommitToken, "used">): string;
  find(token: string): CommitToken | undefined;
};

/** Tokens kept. Older ones are dropped. */
const MAX_TOKENS = 10_000;

/** Create an empty store. */
export function createTokenStore(): TokenStore {
  const tokens = new Map<string, CommitToken>();
  const newest = new Map<string, string>();
  let count = 0;

  const remove = (token: string) => {
    const facts = tokens.get(token);
    if (facts === undefined) return;
    tokens.delete(token);
    if (newest.get(namePurpose(facts)) === token) newest.delete(namePurpose(facts));
  };

  return {
    issue(facts) {
      count += 1;
      remove(newest.get(namePurpose(facts)) ?? "");
      const token = deriveUuid("commit-token", facts.tenant, facts.cvmId, facts.composeHash, count);
      tokens.set(token, { ...facts, used: false });
      newest.set(namePurpose(facts), token);
      const [oldest] = tokens.keys();
      if (tokens.size > MAX_TOKENS && oldest !== undefined) remove(oldest);
      return token;
    },
    find: (token) => tokens.get(token.toLowerCase()),
  };
}

function namePurpose({ cvmId, replica }: Omit<CommitToken, "used">): string {
  return `${replica === null ? "update" : "replica"} ${cvmId}`;
}
