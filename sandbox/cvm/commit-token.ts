import { deriveUuid } from "../identity.ts";

/** A one-time commit token: completes a prepared change of one CVM. */
export type CommitToken = {
  readonly tenant: string;
  readonly cvmId: string;
  readonly composeHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  used: boolean;
};

/** Commit tokens of all workspaces. The token alone identifies the CVM. */
export type TokenStore = {
  /** Issue a token, a UUID. It ends the earlier token of the CVM. */
  issue(facts: Omit<CommitToken, "used">): string;
  find(token: string): CommitToken | undefined;
};

/** Tokens kept. Older ones are dropped. */
const MAX_TOKENS = 10_000;

/** Create an empty store. */
export function createTokenStore(): TokenStore {
  const tokens = new Map<string, CommitToken>();
  const newestByCvm = new Map<string, string>();
  let count = 0;

  const remove = (token: string) => {
    const cvmId = tokens.get(token)?.cvmId ?? "";
    tokens.delete(token);
    if (newestByCvm.get(cvmId) === token) newestByCvm.delete(cvmId);
  };

  return {
    issue(facts) {
      count += 1;
      remove(newestByCvm.get(facts.cvmId) ?? "");
      const token = deriveUuid("commit-token", facts.tenant, facts.cvmId, facts.composeHash, count);
      tokens.set(token, { ...facts, used: false });
      newestByCvm.set(facts.cvmId, token);
      const [oldest] = tokens.keys();
      if (tokens.size > MAX_TOKENS && oldest !== undefined) remove(oldest);
      return token;
    },
    find: (token) => tokens.get(token.toLowerCase()),
  };
}
