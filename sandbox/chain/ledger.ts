import { APP_CONTRACT_WRITES } from "../../src/crypto/app-contract.ts";
import { bareHex, deriveHex } from "../identity.ts";
import { type ContractWrite, decodeWrite } from "./app-contract-calls.ts";
import {
  type AppContractState,
  type BootInfo,
  type Chain,
  deriveBootProblem,
  type TransactionCheck,
} from "./chain.ts";

/** A log of a mined transaction. */
type Log = { readonly address: string; readonly topics: readonly string[]; readonly data: string };

/** A mined transaction. Each transaction is mined immediately, in its own block. */
export type Transaction = {
  readonly hash: string;
  readonly blockNumber: number;
  readonly from: string;
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value: bigint;
  readonly nonce: number;
  readonly chainId: number;
  /** False when the transaction reverted. */
  readonly succeeded: boolean;
  readonly logs: readonly Log[];
};

type AppContract = {
  owner: string;
  allowAnyDevice: boolean;
  readonly composeHashes: Set<string>;
  readonly deviceIds: Set<string>;
};

/** Initial state of an app contract. Hashes and ids are bare lower-case hex. */
export type AppContractSetup = {
  readonly owner?: string | undefined;
  readonly allowAnyDevice: boolean;
  readonly composeHashes: readonly string[];
  readonly deviceIds: readonly string[];
};

/** A call to a contract. */
export type Call = Pick<Transaction, "from" | "to" | "data" | "value">;

/** The owner of the seeded apps. First in `eth_accounts`. */
export const OWNER_ACCOUNT = `0x${deriveHex(40, "account", "owner")}`;

/** An account that owns no app. Its transactions revert. */
export const STRANGER_ACCOUNT = `0x${deriveHex(40, "account", "stranger")}`;

/** Transactions kept. Older ones are dropped, to bound the memory of a sandbox that runs for weeks. */
const MAX_TRANSACTIONS = 10_000;

/** In-memory chain that supports app contracts only. */
export class Ledger implements Chain {
  readonly chainId: number;
  readonly #apps = new Map<string, AppContract>();
  readonly #transactions = new Map<string, Transaction>();
  #blockNumber = 1;

  constructor(chainId: number) {
    this.chainId = chainId;
  }

  get blockNumber(): number {
    return this.#blockNumber;
  }

  /** Create the contract of an app. An existing contract is kept. */
  registerApp(appId: string, setup: AppContractSetup): void {
    if (this.#apps.has(appId)) return;
    this.#apps.set(appId, {
      owner: (setup.owner ?? OWNER_ACCOUNT).toLowerCase(),
      allowAnyDevice: setup.allowAnyDevice,
      composeHashes: new Set(setup.composeHashes),
      deviceIds: new Set(setup.deviceIds),
    });
  }

  removeApp(appId: string): void {
    this.#apps.delete(appId);
  }

  /**
   * Mine a transaction. It reverts without a contract at the address, for an unknown function, for an account
   * that is not the owner, and with a value.
   */
  send(call: Call): Transaction {
    this.#blockNumber += 1;
    const write = this.#check(call);
    const from = call.from.toLowerCase();
    const to = call.to.toLowerCase();
    const transaction: Transaction = {
      hash: `0x${deriveHex(64, "tx", this.chainId, this.#blockNumber, from, to, call.data)}`,
      blockNumber: this.#blockNumber,
      from,
      to,
      data: call.data,
      value: call.value,
      nonce: this.#blockNumber - 2,
      chainId: this.chainId,
      succeeded: write !== null,
      logs: write === null ? [] : [{ address: to, topics: [write.topic], data: `0x${write.word}` }],
    };
    if (write !== null) this.#execute(bareHex(to), write);
    this.#transactions.set(transaction.hash, transaction);
    const [oldest] = this.#transactions.keys();
    if (this.#transactions.size > MAX_TRANSACTIONS && oldest !== undefined) this.#transactions.delete(oldest);
    return transaction;
  }

  /** Whether the call would succeed now. */
  wouldSucceed(call: Call): boolean {
    return this.#check(call) !== null;
  }

  findTransaction(hash: string): Transaction | undefined {
    return this.#transactions.get(`0x${bareHex(hash)}`);
  }

  async findApp(appId: string): Promise<AppContractState | null> {
    const app = this.#apps.get(appId);
    return app === undefined ? null : { owner: app.owner, allowAnyDevice: app.allowAnyDevice };
  }

  async isComposeHashAllowed(appId: string, composeHash: string): Promise<boolean> {
    return this.#apps.get(appId)?.composeHashes.has(composeHash) ?? false;
  }

  async isDeviceListed(appId: string, deviceId: string): Promise<boolean> {
    return this.#apps.get(appId)?.deviceIds.has(deviceId) ?? false;
  }

  async listDevices(appId: string): Promise<readonly string[]> {
    return [...(this.#apps.get(appId)?.deviceIds ?? [])];
  }

  findBootProblem(boot: BootInfo): Promise<string | null> {
    return deriveBootProblem(this, boot);
  }

  async verifyComposeHashAdded(
    appId: string,
    composeHash: string,
    txHash: string,
  ): Promise<TransactionCheck> {
    const transaction = this.findTransaction(txHash);
    if (transaction === undefined) return "not-found";
    if (!transaction.succeeded) return "reverted";
    const added = transaction.logs.some(
      (log) =>
        log.address === `0x${appId}` &&
        log.topics[0] === APP_CONTRACT_WRITES.addComposeHash.topic &&
        log.data === `0x${composeHash}`,
    );
    return added ? "verified" : "wrong-event";
  }

  /** Decode the write of a call; null when the call reverts. */
  #check(call: Call): ContractWrite | null {
    const app = this.#apps.get(bareHex(call.to));
    if (app === undefined || app.owner !== call.from.toLowerCase() || call.value !== 0n) return null;
    return decodeWrite(call.data);
  }

  #execute(appId: string, write: ContractWrite): void {
    const app = this.#apps.get(appId);
    switch (write.method) {
      case "addComposeHash":
        app?.composeHashes.add(write.word);
        break;
      case "removeComposeHash":
        app?.composeHashes.delete(write.word);
        break;
      case "addDevice":
        app?.deviceIds.add(write.word);
        break;
      case "removeDevice":
        app?.deviceIds.delete(write.word);
        break;
      case "setAllowAnyDevice":
        if (app !== undefined) app.allowAnyDevice = BigInt(`0x${write.word}`) !== 0n;
        break;
    }
  }
}
