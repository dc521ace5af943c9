/*
 * Entry point `@cvm-gateway/client/seal`. The build copies the sources of src/crypto that it needs to dist/crypto.
 */
export * from "../../../src/crypto/seal.ts";
