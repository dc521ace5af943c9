import type { CommitToken } from "../cvm/commit-token.ts";
import { PENDING_MS, unknownHashError } from "../cvm/submit-change.ts";
import type { Cvm } from "../cvm/types.ts";
import type { World } from "../world.ts";
import { findCvm } from "./find-cvm.ts";

/** A commit token that is good, with its CVM. */
export type FoundToken = { readonly token: CommitToken; readonly cvm: Cvm };

/**
 * Return a commit token of an update or of a replica.
 *
 * @throws ApiError 466 for a token that is unknown, used, expired, superseded or of another purpose
 */
export function requireToken(world: World, text: string, purpose: "update" | "replica"): FoundToken {
  const token = world.tokens.find(text);
  if (token === undefined || token.used || world.clock.now() - token.createdAt > PENDING_MS) {
    throw invalidTokenError();
  }
  const cvm = world.findWorkspace(token.tenant).cvms.find(({ id }) => id === token.cvmId);
  if (cvm === undefined || (token.replica === null) !== (purpose === "update")) throw invalidTokenError();
  return { token, cvm };
}

/**
 * Return a commit token as {@link requireToken} does, for the CVM that the path names.
 *
 * @throws ApiError 404; 466 also for a token of another CVM
 */
export function requireTokenOf(
  world: World,
  text: string,
  purpose: "update" | "replica",
  identifier: string,
): FoundToken {
  const found = requireToken(world, text, purpose);
  const named = findCvm(world.findWorkspace(found.token.tenant), identifier);
  if (named !== found.cvm) throw invalidTokenError();
  return found;
}

/** Create the 466 of a token that is no longer good. */
export function invalidTokenError() {
  return unknownHashError("Commit token is invalid, used, expired or superseded by a newer one");
}
