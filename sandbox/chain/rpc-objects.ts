import type { Transaction } from "./ledger.ts";

const GAS_USED = 45_000;

/** Encode a number as a JSON-RPC quantity: `0x`, without leading zeros. */
export function toQuantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** Describe a transaction as `eth_getTransactionReceipt` returns it. */
export function describeReceipt(transaction: Transaction, blockHash: string) {
  const place = {
    transactionHash: transaction.hash,
    transactionIndex: "0x0",
    blockHash,
    blockNumber: toQuantity(transaction.blockNumber),
  };
  return {
    ...place,
    from: transaction.from,
    to: transaction.to,
    contractAddress: null,
    gasUsed: toQuantity(GAS_USED),
    cumulativeGasUsed: toQuantity(GAS_USED),
    effectiveGasPrice: toQuantity(1_000_000_000),
    logs: transaction.logs.map((log, index) => ({
      ...log,
      ...place,
      logIndex: toQuantity(index),
      removed: false,
    })),
    logsBloom: `0x${"0".repeat(512)}`,
    status: transaction.succeeded ? "0x1" : "0x0",
    type: "0x2",
  };
}

/** Describe a transaction as `eth_getTransactionByHash` returns it. */
export function describeTransaction(transaction: Transaction, blockHash: string) {
  return {
    hash: transaction.hash,
    blockHash,
    blockNumber: toQuantity(transaction.blockNumber),
    transactionIndex: "0x0",
    from: transaction.from,
    to: transaction.to,
    input: transaction.data,
    value: toQuantity(transaction.value),
    nonce: toQuantity(transaction.nonce),
    gas: toQuantity(GAS_USED),
    gasPrice: toQuantity(1_000_000_000),
    type: "0x2",
    chainId: toQuantity(transaction.chainId),
  };
}
