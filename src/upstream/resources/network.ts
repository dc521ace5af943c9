import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { parseTimestamp, wireFlag, wireText, wireUnknown } from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireObject } from "../transport/wire-tolerance.ts";

const networkWire = wireObject(
  {
    is_online: wireFlag,
    is_public: wireFlag,
    error: wireText,
    internal_ip: wireText,
    latest_handshake: wireUnknown,
    public_urls: wireItems(z.object({ app: wireText, instance: wireText })).nullish(),
  },
  (wire) => ({
    isOnline: wire.is_online ?? typeof wire.internal_ip === "string",
    isPublic: wire.is_public ?? true,
    error: wire.error ?? null,
    internalIp: wire.internal_ip ?? null,
    latestHandshake: parseTimestamp(wire.latest_handshake),
    publicUrls: listKnown(wire.public_urls).map(({ app = null, instance = null }) => ({ app, instance })),
  }),
);

/** Network of a CVM. */
export type CvmNetwork = z.output<typeof networkWire>;

/** Fetch the network of a CVM: `GET /cvms/{id}/network`. */
export async function fetchNetwork(upstream: Upstream, ref: CvmRef): Promise<CvmNetwork> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "network"],
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, networkWire);
}
