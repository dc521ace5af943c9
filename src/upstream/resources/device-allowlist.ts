import { z } from "zod";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { toBareHex, wireFlag } from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireObject } from "../transport/wire-tolerance.ts";

const allowlistWire = wireObject(
  {
    allow_any_device: wireFlag,
    devices: wireItems(z.object({ device_id: z.string(), allowed_onchain: wireFlag })).nullish(),
  },
  (wire) => ({
    allowAnyDevice: wire.allow_any_device ?? null,
    devices: listKnown(wire.devices).map((device) => ({
      deviceId: toBareHex(device.device_id),
      allowed: device.allowed_onchain ?? null,
    })),
  }),
);

/** Devices in an app contract. A flag is null when the REST API does not know it. */
export type DeviceAllowlist = z.output<typeof allowlistWire>;

/** Fetch the devices: `GET /apps/{app_id}/device-allowlist`. @throws {GatewayError} `NOT_FOUND` for an app off chain */
export async function fetchDeviceAllowlist(upstream: Upstream, appId: string): Promise<DeviceAllowlist> {
  const path = ["apps", appId, "device-allowlist"];
  const reply = await upstream.send({ method: "GET", path, accept: [200], effect: "read" });
  return decodeJson(reply, allowlistWire);
}
