import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireList, wireOptional } from "../transport/wire-tolerance.ts";

const userConfigWire = z
  .object({
    hostname: wireOptional(z.string()),
    ssh_authorized_keys: wireOptional(wireList(z.string())),
    default_gateway_domain: wireOptional(z.string()),
  })
  .transform((wire) => ({
    hostname: wire.hostname,
    sshAuthorizedKeys: wire.ssh_authorized_keys ?? [],
    defaultGatewayDomain: wire.default_gateway_domain,
  }));

/** Settings of the guest that are not part of the app-compose. */
export type CvmUserConfig = z.output<typeof userConfigWire>;

/** `GET /cvms/{id}/user_config`, fetched live from the node. */
export async function fetchUserConfig(upstream: Upstream, ref: CvmRef): Promise<CvmUserConfig> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "user_config"],
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, userConfigWire);
}
