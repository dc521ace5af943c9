import { z } from "zod";
import { type ListPage, toListPage } from "../list-page.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireOptionalHex, wireTimestamp, wireTotal } from "../transport/wire-scalars.ts";
import { wireOptional, wirePlaces } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());

/** Entry of the list, which has no content. The detail has the encrypted environment and is never read. */
const revisionWire = z
  .object({
    revision_id: z.string(),
    app_id: wireOptionalHex,
    vm_uuid: text,
    compose_hash: wireOptionalHex,
    created_at: wireOptional(wireTimestamp),
    trace_id: text,
    operation_type: text,
    triggered_by: wireOptional(z.object({ username: text })),
  })
  .transform((wire) => ({
    id: wire.revision_id,
    appId: wire.app_id,
    vmUuid: wire.vm_uuid,
    composeHash: wire.compose_hash,
    createdAt: wire.created_at,
    correlationId: wire.trace_id,
    operationType: wire.operation_type,
    triggeredBy: wire.triggered_by?.username ?? null,
  }));

const pageWire = z.object({
  revisions: wirePlaces(revisionWire),
  total: wireTotal,
});

/** Earlier or current configuration of an app. */
export type Revision = z.output<typeof revisionWire>;

/** Fetch a page of `GET /apps/{app_id}/revisions`, newest first. Pages count from 1; `pageSize` is 1 to 1000. */
export async function fetchRevisionPage(
  upstream: Upstream,
  appId: string,
  page: number,
  pageSize: number,
): Promise<ListPage<Revision>> {
  const reply = await upstream.send({
    method: "GET",
    path: ["apps", appId, "revisions"],
    query: { page, page_size: pageSize },
    accept: [200],
    effect: "read",
  });
  const { revisions, total } = decodeJson(reply, pageWire);
  return toListPage(revisions, total, { page, pageSize });
}
