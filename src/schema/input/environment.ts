import { ENV_LIMITS } from "../../crypto/env-rules.ts";
import { builder } from "../core/builder.ts";
import type { Given } from "./given.ts";

/** `EncryptedEnvInput` */
export const EncryptedEnvInput = builder.inputType("EncryptedEnvInput", {
  description:
    "Environment variables that the client encrypted to Cvm.envEncryptionKey. The gateway forwards them unchanged and cannot read them.",
  fields: (t) => ({
    encryptedEnv: t.field({
      type: "Hex",
      required: true,
      description:
        "Encrypted variables: ephemeral X25519 key (32 bytes), nonce (12), ciphertext and tag (16).",
    }),
    keys: t.stringList({
      description:
        "Names of all encrypted variables. They become the CVM's list of allowed keys. Without them the present list stays, and the guest drops every variable that is not on it.",
    }),
  }),
});

const EnvVarInput = builder.inputType("EnvVarInput", {
  description: "One environment variable in plain text.",
  fields: (t) => ({
    key: t.string({
      required: true,
      description: `Name: letters, digits and _, not starting with a digit, at most ${ENV_LIMITS.keyBytes} bytes.`,
    }),
    value: t.field({
      type: "SecretString",
      required: true,
      description: `Value, at most ${ENV_LIMITS.valueBytes / 1024} KiB in UTF-8. All names and values together have at most ${ENV_LIMITS.totalBytes / 1024 ** 2} MiB. Never appears in an error or a log line.`,
    }),
  }),
});

/** `EnvInput` */
export const EnvInput = builder.inputType("EnvInput", {
  description:
    "Complete set of environment variables, either encrypted by the client or in plain text. It replaces all variables of the CVM: send every variable, not only those that change. See 'environment' in docs/glossary.md.",
  isOneOf: true,
  fields: (t) => ({
    encrypted: t.field({
      type: EncryptedEnvInput,
      description: "Variables that the client encrypted. The gateway never sees a value.",
    }),
    plain: t.field({
      type: [EnvVarInput],
      description: `Variables in plain text, at most ${ENV_LIMITS.pairs}. The gateway checks them against the rules of the guest, encrypts them to the CVM's environment key and keeps no copy. Their names become the CVM's list of allowed keys. An operator can switch this off with ALLOW_PLAINTEXT_ENV.`,
    }),
  }),
});

/** Variables that the client encrypted; hex is bare and lower case. */
export type EncryptedEnvInput = Given<typeof EncryptedEnvInput.$inferInput>;

/** One variable in plain text. */
export type EnvVarInput = Given<typeof EnvVarInput.$inferInput>;

/** A complete set of variables; exactly one of the two forms is given. */
export type EnvInput = Given<typeof EnvInput.$inferInput>;
