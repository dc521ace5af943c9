import { deriveHex } from "../identity.ts";

/** A one-time commit token: completes a prepared change of one CVM. */
export type CommitToken = {
  readonly workspaceKey: string;
  readonly cvmId: string;
  readonly composeHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  used: boolean;
};

/** Commit tokens of all workspaces. The token alone identifies the CVM. */
export type TokenStore = {
  issue(facts: Omit<CommitToken, "used">): string;
  find(token: string): CommitToken | undefined;
};

/** Tokens kept. Older ones are dropped. */
const MAX_TOKENS = 10_000;

/** Create an empty store. */
export function createTokenStore(): TokenStore {
  const tokens = new Map<string, CommitToken>();
  let count = 0;
  return {
    issue(facts) {
      count += 1;
      const token = deriveHex(48, "commit-token", facts.workspaceKey, facts.cvmId, facts.composeHash, count);
      tokens.set(token, { ...facts, used: false });
      const [oldest] = tokens.keys();
      if (tokens.size > MAX_TOKENS && oldest !== undefined) tokens.delete(oldest);
      return token;
    },
    find: (token) => tokens.get(token),
  };
}
