import type { EnvEncryptionKey as EnvEncryptionKeyModel } from "../../resolvers/environment/env-key.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.envEncryptionKey` */
export const EnvEncryptionKey = builder.objectRef<EnvEncryptionKeyModel>("EnvEncryptionKey").implement({
  description:
    "The public key to which a CVM's environment is sealed (encrypted). To seal on the client, use the package @cvm-gateway/client/seal, and verify the key there against KMS root keys that you trust.",
  fields: (t) => ({
    publicKey: t.expose("publicKey", {
      type: "Hex",
      description: "The X25519 public key, 32 bytes.",
    }),
    signature: t.expose("signature", {
      type: "Hex",
      nullable: true,
      description:
        "The KMS' signature over the app id and this key (legacy layout, 65 bytes); null where the KMS signs nothing, which is so off chain.",
    }),
    signer: t.expose("signer", {
      type: "Hex",
      nullable: true,
      description:
        "The KMS root key that signed it, recovered from the signature; null when there is no signature or none can be recovered. Some key is recovered from nearly any signature: this proves nothing unless `verified` is true.",
    }),
    verified: t.exposeBoolean("verified", {
      description:
        "True only when one of the KMS root keys that this gateway was told to trust signed this key for this app. What the REST API says of its own KMS is never believed.",
    }),
  }),
});
