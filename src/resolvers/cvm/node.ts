import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../context.ts";
import { isCvmId, parseCvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { findOperationNode } from "../operation/operation.ts";
import type { Operation } from "../operation/status.ts";
import { findSelectedCvm } from "./cvm.ts";

/**
 * Find an object by its global id.
 *
 * @param path - path of the id in the arguments, for errors
 * @param info - of the resolver of the field that selects the object
 * @returns null for an unknown form of id
 * @throws {GatewayError} those of {@link findOperationNode}
 */
export async function findNode(
  ctx: Context,
  id: string,
  path: string,
  info: GraphQLResolveInfo,
): Promise<Cvm | Operation | null> {
  const ref = isCvmId(id) ? parseCvmRef(id) : null;
  return ref === null ? findOperationNode(ctx, id, path, info) : findSelectedCvm(ctx, ref, info);
}
