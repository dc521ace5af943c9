import type { Hono } from "hono";
import { z } from "zod";
import { OS_IMAGES, type OsImage } from "../../catalog/os-images.ts";
import type { ApiEnv } from "../../http/context.ts";
import { pageQuery, paginate } from "../../http/pagination.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseQuery } from "../../http/validation.ts";

const imagesQuery = pageQuery(20).extend({ is_dev: z.stringbool().optional() });

/** Register `GET /os-images`: the images of the guest that can be chosen. */
export function registerOsImages(app: Hono<ApiEnv>): void {
  app.get("/os-images", (c) => {
    const query = parseQuery(imagesQuery, c.req.url);
    const wanted = query.is_dev;
    const all = OS_IMAGES.filter(
      (image) => image.enabled && (wanted === undefined || image.isDev === wanted),
    );
    const page = paginate(all, query);
    return jsonResponse(200, { ...page, items: page.items.map(describeImage) });
  });
}

function describeImage(image: OsImage) {
  return {
    name: image.name,
    slug: image.slug,
    version: image.version.join("."),
    os_image_hash: image.hash,
    is_dev: image.isDev,
    requires_gpu: image.requiresGpu,
  };
}
