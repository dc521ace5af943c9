import { GatewayError } from "../../errors.ts";

const RETIRED_STATUSES = [404, 405];

/**
 * Whether an error proves that the REST API no longer has the endpoint of a write, so that nothing was applied:
 * a 404 or 405 without an `error_code`. A CVM that does not exist is reported with one, and if not, the request
 * that follows reports it.
 */
function isRetired(error: unknown): boolean {
  if (!(error instanceof GatewayError)) return false;
  const { status = 0, errorCode } = error.upstream ?? {};
  return RETIRED_STATUSES.includes(status) && errorCode === undefined;
}

/**
 * Send a write to an endpoint that the published API no longer has. If it is gone, send the same change to the
 * endpoint that replaces it.
 */
export async function sendOrReplace<Outcome>(
  send: () => Promise<Outcome>,
  replace: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await send();
  } catch (error) {
    if (isRetired(error)) return replace();
    throw error;
  }
}
