import { LRUCache } from "lru-cache";
import type { Chain } from "./chain/chain.ts";
import { Ledger } from "./chain/ledger.ts";
import type { Clock } from "./clock.ts";
import { createTokenStore, type TokenStore } from "./cvm/commit-token.ts";
import { createJournal, type Journal } from "./journal.ts";
import { KMS_LIST, type KmsService } from "./kms/kms-service.ts";
import { seedWorkspace } from "./workspace/seed.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** Workspaces that are kept. The one that was not used for longest makes room, and is seeded afresh later. */
const MAX_WORKSPACES = 1_000;

/** Everything that one running sandbox holds. */
export type World = {
  readonly clock: Clock;
  readonly journal: Journal;
  /** By chain id. */
  readonly ledgers: ReadonlyMap<number, Ledger>;
  readonly tokens: TokenStore;
  /** Where the sandbox listens, without a path; set once it does. */
  origin: string;
  /** The workspace of a key, seeded at its first use. */
  findWorkspace(key: string): Workspace;
};

/** Makes a sandbox' world; workspaces come into being as their keys are used. */
export function createWorld(clock: Clock): World {
  const ledgers = new Map(
    KMS_LIST.flatMap(({ chainId }) => (chainId === null ? [] : [[chainId, new Ledger(chainId)] as const])),
  );
  const workspaces = new LRUCache<string, Workspace>({
    max: MAX_WORKSPACES,
    dispose: (workspace) => {
      for (const cvm of workspace.cvms) ledgers.get(cvm.kms.chainId ?? Number.NaN)?.removeApp(cvm.appId);
    },
  });
  return {
    clock,
    journal: createJournal(),
    ledgers,
    tokens: createTokenStore(),
    origin: "",
    findWorkspace(key) {
      const known = workspaces.get(key);
      if (known !== undefined) return known;
      const workspace = seedWorkspace(key, ledgers, clock.now());
      workspaces.set(key, workspace);
      return workspace;
    },
  };
}

/** The chain that a KMS trusts; null for those that trust none. */
export function findChain(world: World, kms: KmsService): Chain | null {
  return world.ledgers.get(kms.chainId ?? Number.NaN) ?? null;
}
