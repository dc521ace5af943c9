import { settingNamesByWire } from "../configuration/settings.ts";

/** Wire fields whose GraphQL input name is not the camel-cased wire name. */
const inputNames: Readonly<Record<string, string>> = {
  ...settingNamesByWire,
  env_keys: "env",
  cvm_id: "id",
  identifier: "id",
  page_size: "first",
  limit: "first",
  page: "after",
  cursor: "after",
  "x-compose-hash": "composeHash",
  "x-transaction-hash": "transactionHash",
};

const locationWords = new Set<string | number>(["body", "query", "path", "header", "headers"]);

function toInputName(name: string, own: Readonly<Record<string, string>>): string {
  const known =
    own[name] ?? inputNames[name.toLowerCase()] ?? inputNames[name.toLowerCase().replaceAll("_", "-")];
  return known ?? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Convert the location in an error of the REST API (a FastAPI `loc` or a field name) to the GraphQL input path,
 * for example `["body", "disk_size"]` to `input.diskSizeGb`.
 *
 * @param own - wire fields with a special path in the input of this call
 */
export function toInputPath(
  loc: readonly (string | number)[],
  effect: "read" | "write",
  own: Readonly<Record<string, string>> = {},
): string {
  const named = locationWords.has(loc[0] ?? "") ? loc.slice(1) : loc;
  const path = named.map((part) => (typeof part === "string" ? toInputName(part, own) : String(part)));
  return [...(effect === "write" ? ["input"] : []), ...path].join(".");
}
