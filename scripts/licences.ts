/**
 * Licences of the npm packages in the container image. `npm run notice` writes them to NOTICE, and a test compares
 * both. Versions are left out, so that an update of a package does not change the file.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..");
const NOTICE = join(ROOT, "NOTICE");

/** Licences that permit anyone to use, change and distribute the code, also in a product that is sold. */
const PERMITTED_LICENCES: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
];

/** A package that is part of the image. */
export type ShippedPackage = {
  readonly name: string;
  readonly licence: string;
  /** From its licence file, or null if that names no owner. */
  readonly copyright: string | null;
};

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});

function findCopyright(folder: string): string | null {
  if (!existsSync(folder)) throw new Error(`${folder} is missing. Run npm ci.`);
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) return null;
  const text = readFileSync(join(folder, file), "utf8");
  const line = text.split("\n").find((candidate) => /^\W*Copyright (?:\([cC]\)|©|\d|[A-Z])/.test(candidate));
  return line?.replaceAll(/^\W+|\s+$/g, "").replaceAll(/\s+/g, " ") ?? null;
}

/** List the packages that `npm prune --omit=dev --omit=optional` leaves, which are those in the image. */
export function listShippedPackages(): ShippedPackage[] {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")));
  const shipped = new Map<string, ShippedPackage>();
  for (const [path, { license, dev, optional, devOptional }] of Object.entries(packages)) {
    if (path === "" || dev || optional || devOptional) continue;
    const name = path.replace(/^.*node_modules\//, "");
    const licence = license ?? "unknown";
    const copyright = findCopyright(join(ROOT, path));
    shipped.set(`${name} ${licence} ${copyright}`, { name, licence, copyright });
  }
  return [...shipped.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The permission of the MIT License, which a copy of the code must contain. */
function readMitPermission(): string {
  const text = readFileSync(join(ROOT, "node_modules/graphql-yoga/LICENSE"), "utf8");
  return text.slice(text.indexOf("Permission is hereby granted"));
}

/** Write the text of NOTICE. */
function writeNotice(packages: readonly ShippedPackage[]): string {
  const licences = [...new Set(packages.map(({ licence }) => licence))].sort();
  const sections = licences.map((licence) => {
    const lines = packages
      .filter((shipped) => shipped.licence === licence)
      .map(({ name, copyright }) => (copyright === null ? name : `${name}: ${copyright}`));
    return `${licence}\n\n${lines.map((line) => `  ${line}\n`).join("")}`;
  });
  return `cvm-gateway
Copyright 2026 the cvm-gateway authors

Licensed under the Apache License, Version 2.0: see LICENSE.

The container image contains the npm packages below. The full text of each licence is in the folder of the
package in node_modules. Some packages under the MIT License have no licence file; its text is at the end. The
client package @cvm-gateway/client contains none of them.

The image also contains Node.js, with its licence in /usr/local/share/doc/node/LICENSE, and packages of Debian,
with their licences in /usr/share/doc.

This file is written by npm run notice.

${sections.join("\n")}
Text of the MIT License

${readMitPermission()}`;
}

/** List what is wrong: licences that are not permitted, and a NOTICE that is not current. */
export function listLicenceProblems(packages: readonly ShippedPackage[]): string[] {
  const foreign = packages.filter(({ licence }) => !PERMITTED_LICENCES.includes(licence));
  const current = existsSync(NOTICE) && readFileSync(NOTICE, "utf8") === writeNotice(packages);
  return [
    ...foreign.map(({ name, licence }) => `${name} has the licence ${licence}, which is not permitted.`),
    ...(current ? [] : ["NOTICE is not current. Run npm run notice."]),
  ];
}

if (import.meta.main) {
  const packages = listShippedPackages();
  if (!process.argv.includes("--check")) writeFileSync(NOTICE, writeNotice(packages));
  for (const problem of listLicenceProblems(packages)) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
}
