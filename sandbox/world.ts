import { LRUCache } from "lru-cache";
import { createKmsCatalog, type KmsCatalog, type KmsService, listKms } from "./catalog/kms.ts";
import type { Chain } from "./chain/chain.ts";
import { Ledger } from "./chain/ledger.ts";
import type { Clock } from "./clock.ts";
import { createTokenStore, type TokenStore } from "./cvm/commit-token.ts";
import type { Cvm } from "./cvm/types.ts";
import { createJournal, type Journal } from "./journal.ts";
import { seedWorkspace } from "./workspace/seed.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** Workspaces kept. The least recently used one is dropped, and seeded again at its next use. */
const MAX_WORKSPACES = 1_000;

/** The state of one running sandbox. */
export type World = {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly kms: KmsCatalog;
  /** The built-in chains by chain id. Empty when a real node replaces them. */
  readonly ledgers: ReadonlyMap<number, Ledger>;
  /** The chain of a real node, used for every on-chain KMS; null when the built-in chains are used. */
  readonly realChain: Chain | null;
  readonly tokens: TokenStore;
  /** The URL that the sandbox listens on, without a path. Empty until it listens. */
  origin: string;
  /** Return a workspace by its tenant ({@link nameTenant}). Created and seeded at the first use. */
  findWorkspace(tenant: string): Workspace;
  /** Find a CVM in any workspace, for the routes without a key; null when there is none. */
  findCvm(matches: (cvm: Cvm) => boolean): { readonly workspace: Workspace; readonly cvm: Cvm } | null;
};

/**
 * Create the state of a sandbox. Workspaces are created when they are first used.
 *
 * @param realChain - used instead of the built-in chains
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
  const world: World = {
    clock,
    journal: createJournal(),
    kms,
    ledgers,
    realChain,
    tokens: createTokenStore(),
    origin: "",
    findWorkspace(tenant) {
      const known = workspaces.get(tenant);
      if (known !== undefined) return known;
      const workspace = seedWorkspace(tenant, world.origin, kms, ledgers, clock.now());
      workspaces.set(tenant, workspace);
      return workspace;
    },
    findCvm(matches) {
      for (const workspace of workspaces.values()) {
        const cvm = workspace.cvms.find(matches);
        if (cvm !== undefined) return { workspace, cvm };
      }
      return null;
    },
  };
  return world;
}

/** Return the chain that holds the contracts of a KMS; null for an off-chain KMS. */
export function findChain(world: World, kms: KmsService): Chain | null {
  if (kms.chainId === null) return null;
  return world.realChain ?? world.ledgers.get(kms.chainId) ?? null;
}
