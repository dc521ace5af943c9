import type { CvmRef } from "../cvm-ref.ts";
import { decodeText } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";

async function readText(
  upstream: Upstream,
  ref: CvmRef,
  name: string,
  accept: readonly number[],
): Promise<string> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, name],
    accept,
    effect: "read",
  });
  return decodeText(reply);
}

/** `GET /cvms/{id}/docker-compose.yml`, the YAML as deployed. */
export function readDockerCompose(upstream: Upstream, ref: CvmRef): Promise<string> {
  return readText(upstream, ref, "docker-compose.yml", [200]);
}

/** `GET /cvms/{id}/pre-launch-script`; empty where there is none. */
export function readPreLaunchScript(upstream: Upstream, ref: CvmRef): Promise<string> {
  return readText(upstream, ref, "pre-launch-script", [200, 204]);
}
