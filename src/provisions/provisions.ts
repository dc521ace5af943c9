import { createHmac } from "node:crypto";
import { z } from "zod";
import { type Credential, nameOwner } from "../credential.ts";
import type { ProvisionStore, Provisions } from "./types.ts";

const recordText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.object({ keys: z.string(), updateEnvVars: z.boolean().nullable() }));

/** Hash a list of names, so that the store has no name. The secret is the key of the hash. */
function digestKeys({ secret }: Credential, keys: readonly string[]): string {
  return createHmac("sha256", secret)
    .update(`cvm-gateway/provision\0${JSON.stringify(keys)}`)
    .digest("base64url");
}

function parseRecord(text: string) {
  try {
    return recordText.parse(text);
  } catch {
    return null;
  }
}

/** Create the memory of provisions, in the memory of one process or shared by several. */
export function createProvisions(store: ProvisionStore): Provisions {
  const toName = (caller: Credential, composeHash: string) => `${nameOwner(caller)}:${composeHash}`;
  return {
    async remember(caller, composeHash, { allowedKeys, updateEnvVars }) {
      const record = { keys: digestKeys(caller, allowedKeys), updateEnvVars };
      await store.set(toName(caller, composeHash), JSON.stringify(record));
    },
    async find(caller, composeHash) {
      const text = await store.get(toName(caller, composeHash));
      const record = text === null ? null : parseRecord(text);
      if (record === null) return null;
      return {
        updateEnvVars: record.updateEnvVars,
        hasKeys: (keys) => digestKeys(caller, keys) === record.keys,
      };
    },
  };
}
