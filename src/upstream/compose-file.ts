import { z } from "zod";
import type { CvmRef } from "./cvm-ref.ts";
import { decodeJson } from "./decode.ts";
import type { Upstream } from "./http.ts";
import { wireOptional } from "./wire-scalars.ts";

const flag = wireOptional(z.boolean());
const text = wireOptional(z.string());

const appCompose = z.looseObject({
  name: text,
  docker_compose_file: text,
  pre_launch_script: text,
  allowed_envs: wireOptional(z.array(z.string())),
  features: wireOptional(z.array(z.string())),
  runner: text,
  manifest_version: wireOptional(z.number().int()),
  kms_enabled: flag,
  gateway_enabled: flag,
  public_logs: flag,
  public_sysinfo: flag,
  public_tcbinfo: flag,
  storage_fs: text,
});

/** The object arrives as such, or as the JSON text that was hashed. */
const appComposeWire = z.union([
  appCompose,
  z
    .string()
    .transform((source, context) => {
      try {
        const json: unknown = JSON.parse(source);
        return json;
      } catch {
        context.addIssue("not JSON");
        return z.NEVER;
      }
    })
    .pipe(appCompose),
]);

/** The app-compose object of a CVM, with every key that the REST API sent. */
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
