import { builder } from "../core/builder.ts";

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

const EnvVarInput = builder.inputType("EnvVarInput", {
  description: "One environment variable in clear.",
  fields: (t) => ({
    key: t.string({
      required: true,
      description: "Letters, digits and _, not starting with a digit, at most 255 bytes.",
    }),
    value: t.field({
      type: "SecretString",
      required: true,
      description: "At most 128 KiB in UTF-8; all keys and values together at most 1 MiB.",
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
    plain: t.field({
      type: [EnvVarInput],
      description:
        "In clear, at most 1024 variables. The gateway checks the guest's rules, seals them to the CVM's environment key and forgets them; their keys become the CVM's list of allowed keys. The operator can switch this off (ALLOW_PLAINTEXT_ENV).",
    }),
  }),
});
