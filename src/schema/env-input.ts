import { builder } from "./builder.ts";

/** `EncryptedEnvInput` */
export const EncryptedEnvInput = builder.inputType("EncryptedEnvInput", {
  description:
    "An environment that the client sealed to the CVM's environment key. The gateway passes it on untouched.",
  fields: (t) => ({
    encryptedEnv: t.field({
      type: "Hex",
      required: true,
      description: "Ephemeral X25519 key (32 bytes), nonce (12), ciphertext and tag (16).",
    }),
    keys: t.stringList({
      description:
        "The names of all sealed variables. They become the CVM's list of allowed keys; left out, that list stays.",
    }),
  }),
});

/** `EnvInput` */
export const EnvInput = builder.inputType("EnvInput", {
  description:
    "How the environment arrives. It replaces the whole environment: send every variable, not only changed ones.",
  isOneOf: true,
  fields: (t) => ({
    encrypted: t.field({
      type: EncryptedEnvInput,
      description: "Sealed by the client: the gateway never sees a value.",
    }),
  }),
});
