import { z } from "zod";
import { APP_CONTRACT_WRITES } from "../../crypto/app-contract.ts";
import type { ChainNode } from "./chain-node.ts";
import type { Chains } from "./chains.ts";

/**
 * Topic of `ExecutionFailure(bytes32,uint256)`. A Safe logs it when the call inside its transaction fails. The
 * transaction of the Safe itself is successful then.
 */
const SAFE_FAILURE_TOPIC = "0x23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23";

const logWire = z.object({
  topics: z.array(z.string().toLowerCase()),
  data: z.string().toLowerCase(),
});

type Log = z.output<typeof logWire>;

/** Logs that cannot be read are undefined, so that nothing is concluded from them. */
const receiptWire = z.object({
  status: z.enum(["0x0", "0x1"]),
  logs: z.array(logWire).optional().catch(undefined),
});

/** Why a transaction did not register a compose hash, although it is in a block. */
export type RegistrationFailure =
  /** The transaction itself failed. */
  | "reverted"
  /** A Safe executed it, and the call inside failed. */
  | "inner-call-failed"
  /** It succeeded without the event of this compose hash. */
  | "other-transaction";

type Outcome = RegistrationFailure | "registered" | null;

async function fetchOutcome(node: ChainNode, hash: string, composeHash: string): Promise<Outcome> {
  const [result] = await node.send([{ method: "eth_getTransactionReceipt", params: [hash] }]);
  const receipt = receiptWire.safeParse(result).data;
  if (receipt === undefined) return null;
  if (receipt.status === "0x0") return "reverted";
  const { logs } = receipt;
  if (logs === undefined || logs.some((log) => isRegistration(log, composeHash))) return "registered";
  return logs.some(({ topics }) => topics[0] === SAFE_FAILURE_TOPIC)
    ? "inner-call-failed"
    : "other-transaction";
}

/** Whether a log is `ComposeHashAdded` of a hash. Its argument is in the data, and in a topic if it is indexed. */
function isRegistration({ topics, data }: Log, composeHash: string): boolean {
  const [topic, indexed] = topics;
  return topic === APP_CONTRACT_WRITES.addComposeHash.topic && (indexed ?? data) === `0x${composeHash}`;
}

/**
 * Find out why a transaction did not register a compose hash. All configured chains are asked, because a commit
 * token does not name its chain. What one of them shows as registered has not failed.
 *
 * @param hash - hash of the transaction, 32 bytes, hex with `0x`
 * @param composeHash - 32 bytes, bare hex in lower case
 * @returns null if the transaction registered the hash, or is not known on any of the chains
 */
export async function findRegistrationFailure(
  chains: Chains,
  hash: string,
  composeHash: string,
): Promise<RegistrationFailure | null> {
  const outcomes = await Promise.all(chains.list().map((node) => fetchOutcome(node, hash, composeHash)));
  if (outcomes.includes("registered")) return null;
  return outcomes.find((outcome) => outcome !== null && outcome !== "registered") ?? null;
}
