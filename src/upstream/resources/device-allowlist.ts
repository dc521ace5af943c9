import { z } from "zod";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireHex } from "../transport/wire-scalars.ts";
import { wireDefault, wireList, wireOptional } from "../transport/wire-tolerance.ts";

const allowlistWire = z
  .object({
    allow_any_device: wireOptional(z.boolean()),
    devices: wireDefault(
      wireList(z.object({ device_id: wireHex, allowed_onchain: wireOptional(z.boolean()) })),
      [],
    ),
  })
  .transform((wire) => ({
    allowAnyDevice: wire.allow_any_device,
    devices: wire.devices.map((device) => ({ deviceId: device.device_id, allowed: device.allowed_onchain })),
  }));

/** Devices in an app contract. A flag is null when the REST API does not know it. */
export type DeviceAllowlist = z.output<typeof allowlistWire>;

/** Fetch the devices: `GET /apps/{app_id}/device-allowlist`. @throws {GatewayError} `NOT_FOUND` for an app off chain */
export async function fetchDeviceAllowlist(upstream: Upstream, appId: string): Promise<DeviceAllowlist> {
  const path = ["apps", appId, "device-allowlist"];
  const reply = await upstream.send({ method: "GET", path, accept: [200], effect: "read" });
  return decodeJson(reply, allowlistWire);
}
