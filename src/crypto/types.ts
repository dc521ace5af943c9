/** One environment variable. */
export type EnvVar = { readonly key: string; readonly value: string };
