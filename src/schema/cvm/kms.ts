import type { EnvEncryptionKey as EnvEncryptionKeyModel } from "../../resolvers/environment/environment-key.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { createEnumReader } from "../core/open-vocabulary.ts";

const KmsType = builder.enumType("KmsType", {
  description: "Kind of a KMS (key management service).",
  values: {
    PHALA: { description: "Phala's own KMS. Changes need no transaction." },
    LEGACY: { description: "KMS of old CVMs. Changes need no transaction." },
    BASE: { description: "On-chain KMS: a smart contract on Base decides what it releases keys to." },
    ETHEREUM: { description: "On-chain KMS: a smart contract on Ethereum decides what it releases keys to." },
    OTHER: { description: "Kind that this API does not know yet. See rawType." },
  },
});

const toKmsType = createEnumReader(["PHALA", "LEGACY", "BASE", "ETHEREUM"]);

/** `Cvm.kms` */
export const CvmKms = builder.objectRef<CvmModel["kms"]>("CvmKms").implement({
  description:
    "KMS (key management service) of a CVM. At boot, it checks what the CVM runs and releases the app's keys to it. Without these keys, a CVM does not start its app. See 'KMS' and 'on-chain KMS' in docs/glossary.md.",
  fields: (t) => ({
    type: t.field({
      type: KmsType,
      nullable: true,
      description: "Kind of the KMS. Null if the REST API does not report it.",
      resolve: ({ rawType }) => (rawType === null ? null : toKmsType(rawType)),
    }),
    rawType: t.exposeString("rawType", {
      nullable: true,
      description: "Kind as the REST API spells it.",
    }),
    chainId: t.exposeInt("chainId", {
      nullable: true,
      description: "Id of the EVM chain of the KMS contract. Null if the KMS is not on chain.",
    }),
    contractAddress: t.expose("contractAddress", {
      type: "EthAddress",
      nullable: true,
      description:
        "Address of the KMS contract. Do not register compose hashes here, but at appContractAddress.",
    }),
    appContractAddress: t.expose("appContractAddress", {
      type: "EthAddress",
      nullable: true,
      description:
        "Address of the app contract, where the app's owner registers compose hashes. Null if the KMS is not on chain.",
    }),
    requiresOnChainHash: t.exposeBoolean("requiresOnChainHash", {
      description:
        "Whether the KMS is on chain. If so, the app's owner has to register the new compose hash before a change of the app-compose is applied.",
    }),
  }),
});

/** `Cvm.envEncryptionKey` */
export const EnvEncryptionKey = builder.objectRef<EnvEncryptionKeyModel>("EnvEncryptionKey").implement({
  description:
    "Public key for encrypting (sealing) the environment variables of a CVM. Seal them in the client with `@cvm-gateway/client/seal`, and verify the key there against KMS root keys that you trust.",
  fields: (t) => ({
    publicKey: t.expose("publicKey", { type: "Hex", description: "X25519 public key, 32 bytes." }),
    signature: t.expose("signature", {
      type: "Hex",
      nullable: true,
      description:
        "Signature of the KMS over the app id and this key, 65 bytes (legacy layout). Null if the KMS is not on chain, because it then signs nothing.",
    }),
    signer: t.expose("signer", {
      type: "Hex",
      nullable: true,
      description:
        "Public key that is recovered from the signature. It proves nothing unless `verified` is true, because almost any signature recovers to some key. Null if there is no signature, or no key can be recovered.",
    }),
    verified: t.exposeBoolean("verified", {
      description:
        "Whether a KMS root key that this gateway is configured to trust signed this key for this app. The gateway never trusts a root key because the REST API reports it.",
    }),
  }),
});
