import { plainError } from "./api-error.ts";

/** Supported API versions, oldest first. They sort as text. */
const API_VERSIONS = ["2025-05-31", "2025-10-28", "2026-01-21", "2026-05-22", "2026-06-23"] as const;

/** A supported API version. */
export type ApiVersion = (typeof API_VERSIONS)[number];

/** The version of a request without `X-Phala-Version`. On the real API it depends on the token. */
const DEFAULT_VERSION: ApiVersion = "2026-01-21";

const NEWEST_VERSION: ApiVersion = "2026-06-23";

/**
 * Parse `X-Phala-Version`.
 *
 * @throws ApiError 400 for an unsupported version
 */
export function parseApiVersion(header: string | undefined): ApiVersion {
  if (header === undefined || header === "") return DEFAULT_VERSION;
  if (header.toUpperCase() === "LATEST") return NEWEST_VERSION;
  const version = API_VERSIONS.find((known) => known === header);
  if (version === undefined) {
    throw plainError(400, `Unknown X-Phala-Version. Send one of ${API_VERSIONS.join(", ")} or LATEST.`);
  }
  return version;
}

/** Whether CVM objects are flat: before 2026-01-21. */
export function isLegacyVersion(version: ApiVersion): boolean {
  return version < "2026-01-21";
}

/** Whether every id of a CVM and of a user is a string: since 2026-05-22. */
export function hasStringIds(version: ApiVersion): boolean {
  return version >= "2026-05-22";
}

/** Whether `/kms` lists contracts instead of nodes: since 2026-06-23. */
export function hasKmsContracts(version: ApiVersion): boolean {
  return version >= "2026-06-23";
}
