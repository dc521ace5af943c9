import { z } from "zod";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireOptional, wireOptionalInt } from "../transport/wire-scalars.ts";

const flag = wireOptional(z.boolean());
const text = wireOptional(z.string());

const settings = z.object({
  docker_compose_file: text,
  pre_launch_script: text,
  allowed_envs: wireOptional(z.array(z.string())),
  features: wireOptional(z.array(z.string())),
  runner: text,
  manifest_version: wireOptionalInt,
  kms_enabled: flag,
  gateway_enabled: flag,
  public_logs: flag,
  public_sysinfo: flag,
  public_tcbinfo: flag,
  storage_fs: text,
});

/** The keys and values exactly as the REST API sent them, beside the settings that were read out of them. */
const appCompose = z.record(z.string(), z.unknown()).transform((json, context) => {
  const parsed = settings.safeParse(json);
  if (parsed.success) return { json, settings: parsed.data };
  context.addIssue("not an app-compose");
  return z.NEVER;
});

function parseJson(source: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(source);
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
}

/** The object arrives as such, or as the JSON text that was hashed. */
const appComposeWire = z.union([appCompose, z.string().transform(parseJson).pipe(appCompose)]);

/** The app-compose of a CVM: `json` has every key that the REST API sent, and no other. */
export type AppCompose = z.output<typeof appCompose>;

/** `GET /cvms/{id}/compose_file` */
export async function readComposeFile(upstream: Upstream, ref: CvmRef): Promise<AppCompose> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "compose_file"],
    accept: [200],
    effect: "read",
  });
  return decodeJson(reply, appComposeWire);
}
