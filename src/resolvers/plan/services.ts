import { isMap, isPair, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import type { ComposeDocument } from "../compose/compose-document.ts";
import type { PlanProblem } from "./plan-problem.ts";

/** The most mappings that one lookup visits. Merge keys can refer to each other many times. */
const MAX_MERGE_STEPS = 50;

/** The most services that are checked. */
const MAX_SERVICES = 200;

/** Host paths that exist in the guest. All others are empty. */
const GUEST_PATHS =
  /^\/(?:var\/run\/(?:dstack|tappd|docker)\.sock|dev|proc|sys|tmp|dstack|tapp|etc\/(?:localtime|timezone))(?:\/|$)/;

/** Look up a key in a mapping and in what it merges (`<<`). */
function lookUp(document: ComposeDocument, map: YAMLMap, key: string): Node | null {
  const queue = [map];
  for (let step = 0; step < MAX_MERGE_STEPS; step += 1) {
    const current = queue.shift();
    if (current === undefined) return null;
    const own = document.resolve(current.get(key, true));
    if (own !== null) return own;
    for (const { key: name, value } of current.items) {
      if (!isScalar(name) || !["<<", "Symbol(<<)"].includes(String(name.value))) continue;
      const merged = document.resolve(value);
      const sources = isSeq(merged) ? merged.items.map((item) => document.resolve(item)) : [merged];
      queue.push(...sources.filter(isMap));
    }
  }
  return null;
}

const NO_SOURCES =
  "A CVM has no source files to build from, unless the pre-launch script writes them. Build and push the image elsewhere, and name it in `image`.";
const BUILT_AT_START =
  "The image is built in the CVM from dockerfile_inline. Its base image and packages are not measured. Better build and push it elsewhere, and name it in `image` by digest.";

/** Return the text of a scalar; null for anything else. */
function findText(node: Node | null): string | null {
  return isScalar(node) && typeof node.value === "string" ? node.value : null;
}

function listItems(document: ComposeDocument, node: Node | null): (Node | null)[] {
  return isSeq(node) ? node.items.map((item) => document.resolve(item)) : [];
}

/** Explain why an image is not pinned; null if a tag or digest pins it. */
function describeUnpinned(image: string): string | null {
  if (/@sha256:[0-9a-f]{64}$/i.test(image)) return null;
  const name =
    image
      .replaceAll(/\$\{[^}]*\}|\$\w+/g, "$")
      .split("/")
      .at(-1) ?? "";
  const [, tag = ""] = name.split(":");
  if (name.includes("$")) return "The image name contains a variable, whose value is not measured.";
  if (tag !== "" && tag !== "latest") return null;
  return "The image has no fixed tag, so the next start may pull another image. Add a tag or, better, a digest.";
}

function findImageProblems(document: ComposeDocument, service: YAMLMap, report: Report): void {
  const image = lookUp(document, service, "image");
  const build = lookUp(document, service, "build");
  const text = findText(image);
  const unpinned = text === null ? null : describeUnpinned(text);
  if (unpinned !== null) report("IMAGE_UNPINNED", "WARNING", unpinned, image);
  if (build !== null) {
    const isInline = isMap(build) && lookUp(document, build, "dockerfile_inline") !== null;
    report("BUILD_UNSUPPORTED", "WARNING", isInline ? BUILT_AT_START : NO_SOURCES, build);
  }
  const others = ["extends", "provider"].map((key) => lookUp(document, service, key));
  if (image === null && build === null && others.every((node) => node === null)) {
    report("SERVICE_INVALID", "ERROR", "The service has no `image`.", service);
  }
}

function findFileProblems(document: ComposeDocument, service: YAMLMap, report: Report): void {
  const envFile = lookUp(document, service, "env_file");
  const files = isSeq(envFile) ? listItems(document, envFile) : [envFile];
  const required = files.filter(
    (file) => file !== null && !(isMap(file) && String(file.get("required")) === "false"),
  );
  if (required.length > 0) {
    const message =
      "A CVM has no files besides the Docker Compose file. Set the variables in the environment of the CVM, and list them under `environment`.";
    report("ENV_FILE_UNSUPPORTED", "ERROR", message, envFile);
  }
  for (const volume of listItems(document, lookUp(document, service, "volumes"))) {
    const source = isMap(volume)
      ? findText(document.resolve(volume.get("source", true)))
      : (findText(volume)?.split(":")[0] ?? null);
    const short = !isMap(volume) && !findText(volume)?.includes(":");
    if (source === null || short || !/^[./~]/.test(source) || GUEST_PATHS.test(source)) continue;
    const message =
      "This path does not exist in a CVM, so the container gets an empty folder. Use a named volume, or add the content to the image.";
    report("HOST_PATH_UNSUPPORTED", "WARNING", message, volume);
  }
}

function findTopLevelProblems(document: ComposeDocument, report: Report): void {
  for (const section of ["configs", "secrets"]) {
    const entries = document.resolve(document.root?.get(section, true));
    for (const { value } of isMap(entries) ? entries.items : []) {
      const entry = document.resolve(value);
      const file = isMap(entry) ? document.resolve(entry.get("file", true)) : null;
      const message = `A CVM has no files besides the Docker Compose file, so ${section} cannot come from a file.`;
      if (file !== null) report("HOST_PATH_UNSUPPORTED", "ERROR", message, file);
    }
  }
}

type Report = (
  code: PlanProblem["code"],
  severity: PlanProblem["severity"],
  message: string,
  node: Node | null,
) => void;

function listServices({ services }: ComposeDocument) {
  return services?.items.slice(0, MAX_SERVICES) ?? [];
}

/** Find services that a CVM cannot run as written, and likely mistakes in them. */
export function findServiceProblems(document: ComposeDocument, field: string): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const report: Report = (code, severity, message, node) => {
    problems.push({ code, severity, message, field, ...document.locate(node?.range?.[0] ?? 0) });
  };
  for (const pair of listServices(document)) {
    const service = document.resolve(pair.value);
    if (!isMap(service)) {
      const at = isPair(pair) ? document.resolve(pair.key) : null;
      report("SERVICE_INVALID", "ERROR", "A service must be a mapping.", at);
      continue;
    }
    findImageProblems(document, service, report);
    findFileProblems(document, service, report);
  }
  findTopLevelProblems(document, report);
  return problems;
}

/** Whether a service reads variables from files, so that the variables it uses are unknown. */
export function usesEnvFiles(document: ComposeDocument): boolean {
  return listServices(document).some(({ value }) => {
    const service = document.resolve(value);
    return isMap(service) && lookUp(document, service, "env_file") !== null;
  });
}

/** List the variables that services pass through by name (`environment: [NAME]`, or `NAME:` without value). */
export function listPassedVariables(document: ComposeDocument): string[] {
  return listServices(document).flatMap(({ value }) => {
    const service = document.resolve(value);
    const environment = isMap(service) ? lookUp(document, service, "environment") : null;
    if (isMap(environment)) {
      return environment.items.flatMap(({ key, value: given }) => {
        const empty = given === null || (isScalar(given) && given.value === null);
        return empty && isScalar(key) ? [String(key.value)] : [];
      });
    }
    return listItems(document, environment).flatMap((item) => {
      const text = findText(item);
      return text === null || text.includes("=") ? [] : [text];
    });
  });
}
