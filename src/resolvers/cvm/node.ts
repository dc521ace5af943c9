import type { Context } from "../../context.ts";
import { isCvmId, parseCvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { findOperationNode } from "../operation/operation.ts";
import type { Operation } from "../operation/status.ts";
import { findCvm } from "./cvm.ts";

/** Find an object by its global id. @returns null for an unknown form of id. */
export async function findNode(ctx: Context, id: string): Promise<Cvm | Operation | null> {
  const ref = isCvmId(id) ? parseCvmRef(id) : null;
  return ref === null ? findOperationNode(ctx, id) : findCvm(ctx, ref);
}
