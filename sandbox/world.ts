import { LRUCache } from "lru-cache";
import { createKmsCatalog, type KmsCatalog, type KmsService, listKms } from "./catalog/kms.ts";
import type { Chain } from "./chain/chain.ts";
import { Ledger } from "./chain/ledger.ts";
import type { Clock } from "./clock.ts";
import { createTokenStore, type TokenStore } from "./cvm/commit-token.ts";
import { createJournal, type Journal } from "./journal.ts";
import { seedWorkspace } from "./workspace/seed.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** Workspaces that are kept. The one that was not used for longest makes room, and is seeded afresh later. */
const MAX_WORKSPACES = 1_000;

/** Everything that one running sandbox holds. */
export type World = {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly kms: KmsCatalog;
  /** The sandbox's own chains by chain id; none when a real node stands in their place. */
  readonly ledgers: ReadonlyMap<number, Ledger>;
  /** A real node's chain, which then is the chain of every on-chain KMS. */
  readonly realChain: Chain | null;
  readonly tokens: TokenStore;
  /** Where the sandbox listens, without a path; set once it does. */
  origin: string;
  /** The workspace of a key, seeded at its first use. */
  findWorkspace(key: string): Workspace;
};

/**
 * Makes a sandbox' world; workspaces come into being as their keys are used.
 *
 * @param realChain - asked instead of the sandbox's own ledgers
 */
export function createWorld(clock: Clock, realChain: Chain | null = null): World {
  const kms = createKmsCatalog(realChain?.chainId ?? null);
  const chainIds = realChain === null ? listKms(kms).flatMap(({ chainId }) => chainId ?? []) : [];
  const ledgers = new Map(chainIds.map((chainId) => [chainId, new Ledger(chainId)] as const));
  const workspaces = new LRUCache<string, Workspace>({
    max: MAX_WORKSPACES,
    dispose: (workspace) => {
      for (const cvm of workspace.cvms) ledgers.get(cvm.kms.chainId ?? Number.NaN)?.removeApp(cvm.appId);
    },
  });
  return {
    clock,
    journal: createJournal(),
    kms,
    ledgers,
    realChain,
    tokens: createTokenStore(),
    origin: "",
    findWorkspace(key) {
      const known = workspaces.get(key);
      if (known !== undefined) return known;
      const workspace = seedWorkspace(key, kms, ledgers, clock.now());
      workspaces.set(key, workspace);
      return workspace;
    },
  };
}

/** The chain that a KMS trusts; null for those that trust none. */
export function findChain(world: World, kms: KmsService): Chain | null {
  if (kms.chainId === null) return null;
  return world.realChain ?? world.ledgers.get(kms.chainId) ?? null;
}
