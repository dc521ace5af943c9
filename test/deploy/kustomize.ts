import { readFileSync } from "node:fs";
import { join } from "node:path";
import jsonPatch, { type Operation } from "fast-json-patch";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

// biome-ignore lint/suspicious/noExplicitAny: tests read manifests of any kind
export type Manifest = any;

/** The part of kustomize that the manifests use. Any other field is an error, so that the rest is not ignored. */
const kustomizationSchema = z.strictObject({
  apiVersion: z.literal("kustomize.config.k8s.io/v1beta1"),
  kind: z.literal("Kustomization"),
  namespace: z.string().optional(),
  resources: z.array(z.string()),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).default([]),
  /** JSON patches (RFC 6902) in files, each for one resource. */
  patches: z
    .array(
      z.strictObject({
        path: z.string(),
        target: z.strictObject({ kind: z.string(), name: z.string() }),
      }),
    )
    .default([]),
});

/** Read the documents of a YAML file. @throws for a duplicate key, or any other error */
export function readDocuments(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, "utf8")).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors[0]?.message}`);
    return document.toJS();
  });
}

const readOperations = (path: string): Operation[] => parse(readFileSync(path, "utf8"));

/** Render a folder as `kubectl kustomize` does. The namespace is not set on a Namespace. */
export function renderKustomization(folder: string): Manifest[] {
  const [found] = readDocuments(join(folder, "kustomization.yaml"));
  const { namespace, resources, images, patches } = kustomizationSchema.parse(found);
  const manifests = resources.flatMap((name) =>
    name.endsWith(".yaml") ? readDocuments(join(folder, name)) : renderKustomization(join(folder, name)),
  );
  for (const { path, target } of patches) {
    const index = manifests.findIndex(
      ({ kind, metadata }) => kind === target.kind && metadata.name === target.name,
    );
    if (index < 0) throw new Error(`${path} has no target.`);
    const operations = readOperations(join(folder, path));
    manifests[index] = jsonPatch.applyPatch(manifests[index], operations, true).newDocument;
  }
  for (const manifest of manifests) {
    if (namespace !== undefined && manifest.kind !== "Namespace") manifest.metadata.namespace = namespace;
    for (const container of manifest.spec?.template?.spec?.containers ?? []) {
      const image = images.find(({ name }) => name === container.image);
      if (image !== undefined) container.image = `${image.newName}:${image.newTag}`;
    }
  }
  return manifests;
}
