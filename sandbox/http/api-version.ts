import { plainError } from "./api-error.ts";

/** The versions that the sandbox speaks, oldest first; they sort as text. */
const API_VERSIONS = ["2025-05-31", "2025-10-28", "2026-01-21", "2026-05-22", "2026-06-23"] as const;

/** A version that the sandbox speaks. */
export type ApiVersion = (typeof API_VERSIONS)[number];

/** What a request without `X-Phala-Version` gets; on the real API that depends on the token. */
const DEFAULT_VERSION: ApiVersion = "2026-01-21";

const NEWEST_VERSION: ApiVersion = "2026-06-23";

/**
 * Reads `X-Phala-Version`.
 *
 * @throws ApiError 400 for a version that the sandbox does not know
 */
export function parseApiVersion(header: string | undefined): ApiVersion {
  if (header === undefined || header === "") return DEFAULT_VERSION;
  if (header.toUpperCase() === "LATEST") return NEWEST_VERSION;
  const version = API_VERSIONS.find((known) => known === header);
  if (version === undefined) {
    throw plainError(400, `Unknown X-Phala-Version. Known: ${API_VERSIONS.join(", ")}, LATEST`);
  }
  return version;
}

/** True before 2026-01-21: flat CVM objects. */
export function isLegacyVersion(version: ApiVersion): boolean {
  return version < "2026-01-21";
}

/** True from 2026-05-22 on: every id of a CVM and of a user is a string. */
export function hasStringIds(version: ApiVersion): boolean {
  return version >= "2026-05-22";
}

/** True from 2026-06-23 on: `/kms` lists contracts instead of nodes. */
export function hasKmsContracts(version: ApiVersion): boolean {
  return version >= "2026-06-23";
}
