import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireTimestamp } from "../transport/wire-scalars.ts";
import { wireDefault, wireList, wireOptional } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());

const networkWire = z.object({
  is_online: wireOptional(z.boolean()),
  is_public: wireDefault(z.boolean(), true),
  error: text,
  internal_ip: text,
  latest_handshake: wireOptional(wireTimestamp),
  public_urls: wireOptional(wireList(z.object({ app: text, instance: text }))),
});

/** Network of a CVM. */
export type CvmNetwork = Awaited<ReturnType<typeof fetchNetwork>>;

/** Fetch the network of a CVM: `GET /cvms/{id}/network`. */
export async function fetchNetwork(upstream: Upstream, ref: CvmRef) {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "network"],
    accept: [200],
    effect: "read",
  });
  const wire = decodeJson(reply, networkWire);
  return {
    isOnline: wire.is_online ?? wire.internal_ip !== null,
    isPublic: wire.is_public,
    error: wire.error,
    internalIp: wire.internal_ip,
    latestHandshake: wire.latest_handshake,
    publicUrls: wire.public_urls ?? [],
  };
}
