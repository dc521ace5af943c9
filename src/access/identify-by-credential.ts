import { type FieldReader, parseCredential } from "../credential.ts";
import { allRights } from "./rights.ts";
import type { Identity } from "./types.ts";

/** Identify a caller by the credential that it sends to the REST API. @throws {GatewayError} `BAD_USER_INPUT` */
export function identifyByCredential(read: FieldReader): Identity {
  const credential = parseCredential(read);
  return { caller: credential, credential, rights: allRights, expiresAt: null };
}
