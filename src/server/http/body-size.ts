/** The largest request body, in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** What a larger one is answered with. */
export const BODY_TOO_LARGE = `The request body is larger than ${MAX_BODY_BYTES} bytes, which is the limit.`;
