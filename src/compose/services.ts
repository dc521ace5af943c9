import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { composeLimits } from "../limits.ts";
import type { ComposeDocument } from "./document.ts";
import { findText, listItems, listServices, lookUp } from "./lookup.ts";
import type { ComposeProblem } from "./problem.ts";

/** Host paths that exist in the guest. All others are empty. */
const GUEST_PATHS =
  /^\/(?:var\/run\/(?:dstack|tappd|docker)\.sock|dev|proc|sys|tmp|dstack|tapp|etc\/(?:localtime|timezone))(?:\/|$)/;

const NO_SOURCES =
  "A CVM has no source files to build from, unless the pre-launch script writes them. Build and push the image elsewhere, and name it in `image`.";
const BUILT_AT_START =
  "The image is built in the CVM from dockerfile_inline. Its base image and packages are not measured. Better build and push it elsewhere, and name it in `image` by digest.";

/** Explain why an image is not pinned; null if a tag or digest pins it. */
function describeUnpinned(image: string): string | null {
  if (/@sha256:[0-9a-f]{64}$/i.test(image)) return null;
  const bounded = image.slice(0, composeLimits.imageCharacters);
  // Neither part can run over the start of another variable, so the time is linear.
  const name =
    bounded
      .replaceAll(/\$\{[^{}$]*\}|\$\w+/g, "$")
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
    const entries = document.resolve(document.root.get(section, true));
    for (const { value } of isMap(entries) ? entries.items : []) {
      const entry = document.resolve(value);
      const file = isMap(entry) ? document.resolve(entry.get("file", true)) : null;
      const message = `A CVM has no files besides the Docker Compose file, so ${section} cannot come from a file.`;
      if (file !== null) report("HOST_PATH_UNSUPPORTED", "ERROR", message, file);
    }
  }
}

type Report = (
  code: ComposeProblem["code"],
  severity: ComposeProblem["severity"],
  message: string,
  node: Node | null,
) => void;

/** Find services that a CVM cannot run as written, and likely mistakes in them. */
export function findServiceProblems(document: ComposeDocument): ComposeProblem[] {
  const problems: ComposeProblem[] = [];
  const report: Report = (code, severity, message, node) => {
    if (problems.length >= composeLimits.problems) return;
    const position = document.locate(node?.range?.[0] ?? 0);
    problems.push({ code, severity, message, ...position, subject: "file" });
  };
  for (const { name, service } of listServices(document)) {
    if (problems.length >= composeLimits.problems) break;
    if (!isMap(service)) {
      report("SERVICE_INVALID", "ERROR", "A service must be a mapping.", name);
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
  return listServices(document).some(
    ({ service }) => isMap(service) && lookUp(document, service, "env_file") !== null,
  );
}

/** List the variables that services pass through by name (`environment: [NAME]`, or `NAME:` without value). */
export function listPassedVariables(document: ComposeDocument): string[] {
  return listServices(document).flatMap(({ service }) => {
    const environment = isMap(service) ? lookUp(document, service, "environment") : null;
    if (isMap(environment)) {
      document.budget.spend(environment.items.length);
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
