import { z } from "zod";
import { type ListPage, toListPage } from "../list-page.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import {
  parseHexBytes,
  parseTimestamp,
  parseTotal,
  wireText,
  wireUnknown,
} from "../transport/wire-scalars.ts";
import { readPlaces, wireObject, wirePage } from "../transport/wire-tolerance.ts";

/** Entry of the list, which has no content. The detail has the encrypted environment and is never read. */
const revisionObject = z.object({
  revision_id: z.string(),
  app_id: wireText,
  vm_uuid: wireText,
  compose_hash: wireText,
  created_at: wireUnknown,
  trace_id: wireText,
  operation_type: wireText,
  triggered_by: z.object({ username: wireText }).nullish(),
});

const revisionWire = wireObject(revisionObject.shape, (wire) => ({
  id: wire.revision_id,
  appId: parseHexBytes(wire.app_id),
  vmUuid: wire.vm_uuid ?? null,
  composeHash: parseHexBytes(wire.compose_hash),
  createdAt: parseTimestamp(wire.created_at),
  correlationId: wire.trace_id ?? null,
  operationType: wire.operation_type ?? null,
  triggeredBy: wire.triggered_by?.username ?? null,
}));

const pageWire = wireObject({ revisions: wirePage, total: wireUnknown }, ({ revisions, total }) => ({
  revisions: readPlaces(revisionWire, revisions),
  total: parseTotal(total),
}));

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
