import { COMPOSE_HASH_ADDED_TOPIC } from "../../crypto/app-contract.ts";
import { bareHex, deriveHex } from "../identity.ts";
import { decodeWrite } from "./app-contract-calls.ts";
import type { Chain } from "./chain.ts";

/** A log line of a mined transaction. */
export type Log = { readonly address: string; readonly topics: readonly string[]; readonly data: string };

/** A mined transaction; every one is mined at once, in a block of its own. */
export type Transaction = {
  readonly hash: string;
  readonly blockNumber: number;
  readonly from: string;
  readonly to: string;
  readonly data: string;
  readonly nonce: number;
  /** False when the contract refused it. */
  readonly succeeded: boolean;
  readonly logs: readonly Log[];
};

type AppContract = {
  owner: string;
  allowAnyDevice: boolean;
  readonly composeHashes: Set<string>;
  readonly deviceIds: Set<string>;
};

/** What a new app contract allows from the start. Hashes and ids are bare lower-case hex. */
export type AppContractSetup = {
  readonly owner?: string | undefined;
  readonly allowAnyDevice: boolean;
  readonly composeHashes: readonly string[];
  readonly deviceIds: readonly string[];
};

/** The account that owns the seeded apps; `eth_accounts` names it first. */
export const OWNER_ACCOUNT = `0x${deriveHex(40, "account", "owner")}`;

/** An account that owns nothing, to see a refusal with. */
export const STRANGER_ACCOUNT = `0x${deriveHex(40, "account", "stranger")}`;

/** Old transactions make room, so that a sandbox that runs for weeks does not grow. */
const MAX_TRANSACTIONS = 10_000;

/** A small chain in memory that knows nothing but app contracts. */
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

  /** Puts a contract at the address of an app; one that is there stays as it is. */
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

  /** Mines a transaction. A call to no contract, of no known function or by a stranger reverts. */
  send(call: { readonly from: string; readonly to: string; readonly data: string }): Transaction {
    this.#blockNumber += 1;
    const from = call.from.toLowerCase();
    const to = call.to.toLowerCase();
    const logs = this.#execute(from, bareHex(to), call.data);
    const transaction: Transaction = {
      hash: `0x${deriveHex(64, "tx", this.chainId, this.#blockNumber, from, to, call.data)}`,
      blockNumber: this.#blockNumber,
      from,
      to,
      data: call.data,
      nonce: this.#blockNumber - 2,
      succeeded: logs !== null,
      logs: logs ?? [],
    };
    this.#transactions.set(transaction.hash, transaction);
    const [oldest] = this.#transactions.keys();
    if (this.#transactions.size > MAX_TRANSACTIONS && oldest !== undefined) this.#transactions.delete(oldest);
    return transaction;
  }

  findTransaction(hash: string): Transaction | undefined {
    return this.#transactions.get(`0x${bareHex(hash)}`);
  }

  async readApp(appId: string): Promise<{ owner: string; allowAnyDevice: boolean } | null> {
    const app = this.#apps.get(appId);
    return app === undefined ? null : { owner: app.owner, allowAnyDevice: app.allowAnyDevice };
  }

  async isComposeHashAllowed(appId: string, composeHash: string): Promise<boolean> {
    return this.#apps.get(appId)?.composeHashes.has(composeHash) ?? false;
  }

  async isDeviceListed(appId: string, deviceId: string): Promise<boolean> {
    return this.#apps.get(appId)?.deviceIds.has(deviceId) ?? false;
  }

  /** The app's own device ids, in the order in which they were allowed. */
  listDevices(appId: string): readonly string[] {
    return [...(this.#apps.get(appId)?.deviceIds ?? [])];
  }

  async verifyComposeHashAdded(appId: string, composeHash: string, txHash: string) {
    const transaction = this.findTransaction(txHash);
    if (transaction === undefined) return "not-found";
    if (!transaction.succeeded) return "reverted";
    const added = transaction.logs.some(
      (log) =>
        log.address === `0x${appId}` &&
        log.topics[0] === COMPOSE_HASH_ADDED_TOPIC &&
        bareHex(log.data) === composeHash,
    );
    return added ? "verified" : "wrong-event";
  }

  /** Applies a call to a contract; null when it reverts. */
  #execute(from: string, appId: string, data: string): readonly Log[] | null {
    const app = this.#apps.get(appId);
    const write = decodeWrite(data);
    if (app === undefined || write === null || app.owner !== from) return null;
    switch (write.method) {
      case "addComposeHash":
        app.composeHashes.add(write.word);
        break;
      case "removeComposeHash":
        app.composeHashes.delete(write.word);
        break;
      case "addDevice":
        app.deviceIds.add(write.word);
        break;
      case "removeDevice":
        app.deviceIds.delete(write.word);
        break;
      case "setAllowAnyDevice":
        app.allowAnyDevice = BigInt(`0x${write.word}`) !== 0n;
        break;
    }
    return [{ address: `0x${appId}`, topics: [write.topic], data: `0x${write.word}` }];
  }
}

/** Writes an address or a bool as one ABI word. */
export function encodeWord(value: string | boolean): `0x${string}` {
  const hex = typeof value === "boolean" ? (value ? "1" : "0") : bareHex(value);
  return `0x${hex.padStart(64, "0")}`;
}
