import type { TransactionRequest as TransactionRequestModel } from "../../../errors.ts";
import { builder } from "../../core/builder.ts";

/** A transaction that the owner of an app contract sends. */
export const TransactionRequest = builder.objectRef<TransactionRequestModel>("TransactionRequest").implement({
  description:
    "Transaction that is ready for eth_sendTransaction. The owner of the app contract has to send it.",
  fields: (t) => ({
    chainId: t.exposeInt("chainId", { description: "EVM chain to send the transaction on." }),
    to: t.expose("to", { type: "EthAddress", description: "Address of the app contract." }),
    data: t.exposeString("data", { description: "Call data, hex with 0x." }),
    value: t.exposeString("value", { description: "Always 0x0: the call transfers no payment." }),
  }),
});
