import { readFileSync } from "node:fs";

/** Return the variable that names the file of a secret setting. */
export function nameOfFile(name: string): string {
  return `${name}_FILE`;
}

/** Read a secret from a file, without its trailing newline. A problem never contains a part of the file. */
export function readSecretFile(path: string): { readonly value: string } | { readonly problem: string } {
  try {
    const value = readFileSync(path, "utf8").replace(/[\r\n]+$/, "");
    return value === "" ? { problem: "names a file that is empty" } : { value };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    return { problem: `names a file that cannot be read${code}` };
  }
}
