import type { Hono } from "hono";
import { listImagesFor, type OsImage } from "../../catalog/os-images.ts";
import type { Cvm } from "../../cvm/types.ts";
import { isLegacyVersion } from "../../http/api-version.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { describeAttestation } from "../../wire/attestation.ts";
import { describeCvmDetail } from "../../wire/cvm-info.ts";
import { describeBasicCvm } from "../../wire/legacy-cvm.ts";
import {
  describeComposition,
  describeNetwork,
  describeStats,
  describeUserConfig,
} from "../../wire/telemetry.ts";
import type { World } from "../../world.ts";

/** Register the reads of one CVM, except its operations and its state. */
export function registerCvmDetail(app: Hono<ApiEnv>, world: World): void {
  app.get("/cvms/:id", (c) => {
    const now = world.clock.now();
    const cvm = c.get("cvm");
    return jsonResponse(
      200,
      isLegacyVersion(c.get("version"))
        ? describeBasicCvm(cvm, now)
        : describeCvmDetail(c.get("workspace"), cvm, now),
    );
  });

  app.get("/cvms/:id/docker-compose.yml", (c) => {
    const text = c.get("cvm").config.compose.json.docker_compose_file ?? "";
    return textResponse(c.get("cvm"), text, "text/yaml");
  });

  app.get("/cvms/:id/pre-launch-script", (c) => {
    const text = c.get("cvm").config.compose.json.pre_launch_script ?? "";
    return textResponse(c.get("cvm"), text, "text/plain");
  });

  app.get("/cvms/:id/compose_file", (c) => {
    const { compose } = c.get("cvm").config;
    const raw = c.req.query("raw");
    if (raw === undefined || raw === "false" || raw === "0") return jsonResponse(200, compose.json);
    return new Response(compose.text, { headers: { "content-type": "text/plain; charset=utf-8" } });
  });

  app.get("/cvms/:id/compose", (c) => {
    const cvm = c.get("cvm");
    const { json } = cvm.config.compose;
    const body = { compose_file: json, env_pubkey: cvm.envPublicKey, salt: json.salt ?? null };
    return jsonResponse(200, body);
  });

  app.get("/cvms/:id/available-os-images", (c) => jsonResponse(200, describeImages(c.get("cvm"))));

  app.get("/cvms/:id/stats", (c) => jsonResponse(200, describeStats(c.get("cvm"), world.clock.now())));

  app.get("/cvms/:id/network", (c) => jsonResponse(200, describeNetwork(c.get("cvm"), world.clock.now())));

  app.get("/cvms/:id/composition", (c) =>
    jsonResponse(200, describeComposition(c.get("cvm"), world.clock.now())),
  );

  app.get("/cvms/:id/attestation", (c) =>
    jsonResponse(200, describeAttestation(c.get("cvm"), world.clock.now())),
  );

  app.get("/cvms/:id/user_config", (c) => {
    const cvm = c.get("cvm");
    if (cvm.behaviors.has("offline")) return jsonResponse(502, { detail: "Node is not reachable" });
    return jsonResponse(200, describeUserConfig(cvm));
  });
}

/** Describe the OS images for a CVM: by version, newest first, each with its production and development build. */
function describeImages(cvm: Cvm) {
  const images = listImagesFor(cvm.config.gpuCount > 0);
  const fitting = images.filter((image) => image.requiresGpu === cvm.config.gpuCount > 0);
  const versions = [...new Map(fitting.map((image) => [image.version.join("."), image.version]))];
  return versions.map(([key, version]) => {
    const variants = fitting.filter((image) => image.version.join(".") === key);
    const describe = (isDev: boolean) => {
      const image = variants.find((variant) => variant.isDev === isDev);
      return image === undefined ? null : describeVariant(image, cvm.config.image);
    };
    return { version, prod: describe(false), dev: describe(true) };
  });
}

function describeVariant(image: OsImage, current: OsImage) {
  return {
    name: image.name,
    slug: image.slug,
    os_image_hash: image.hash,
    is_current: image.slug === current.slug,
    enabled: image.enabled,
    requires_gpu: image.requiresGpu,
  };
}

function textResponse(cvm: Cvm, text: string, type: string): Response {
  if (cvm.behaviors.has("json-text")) return jsonResponse(200, text);
  return new Response(text, { headers: { "content-type": `${type}; charset=utf-8` } });
}
