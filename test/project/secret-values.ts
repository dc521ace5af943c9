import { afterEach, beforeEach, vi } from "vitest";
import { writeMutation } from "../support/mutations.ts";

/** Unique secrets, one for each place in an input. They contain words, quotes and line breaks, like real ones. */
export const VALUE = "Vq7kZ-plain-value-Xw93Lt";
export const COMPOSE = "Cm4hR-compose-text-Pz61Ud";
export const SCRIPT = "Sd8nF-script-text-Jy27Gb";
export const CONFIG = "Uf5tK-user-config-Wr84Ne";
export const SEALED = Buffer.from("Ex2sealed-by-the-client-".repeat(4)).toString("hex");
export const PATCHED_YAML = `services:\n  app:\n    image: nginx:1.27.3\n    environment:\n      TOKEN: "${COMPOSE}"\n`;
export const PATCHED_SCRIPT = `#!/bin/sh\nexport TOKEN="${SCRIPT}"\n\techo 'x\\y'\n`;

/** Texts that no output may contain: each secret, its start, its end and its Base64 form. */
const canaries = [VALUE, COMPOSE, SCRIPT, CONFIG, SEALED].flatMap((text) => [
  text,
  text.slice(0, 12),
  text.slice(-12),
  Buffer.from(text).toString("base64"),
]);

/** Capture stdout and stderr during each test of the file. @returns the chunks of the current test. */
export function captureOutput(): readonly string[] {
  const captured: string[] = [];
  beforeEach(() => {
    captured.length = 0;
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((chunk: string | Uint8Array) => {
        captured.push(String(chunk));
        return true;
      });
    }
  });
  afterEach(() => vi.restoreAllMocks());
  return captured;
}

/** Fail if the text contains a secret, or one of the `more` texts. */
export function expectClean(where: string, text: string, more: readonly string[] = []): void {
  for (const canary of [...canaries, ...more]) {
    if (text.includes(canary)) throw new Error(`${where} contains ${canary}: ${text.slice(0, 2_000)}`);
  }
}

const RESULT =
  "__typename ... on InProgress { status message correlationId } ... on OnChainHashRequired { reason: message composeHash }";
const IN_PROGRESS = "status message correlationId";
export const id = "web-app";
export const env = { plain: [{ key: "TOKEN", value: VALUE }] };
export const encrypted = { encryptedEnv: SEALED, keys: ["TOKEN"] };

/** Every mutation that accepts a secret, with secrets in its input. */
export const writes: readonly { name: string; query: string; input: object }[] = [
  [
    "configureCvm",
    RESULT,
    {
      dockerComposeFile: PATCHED_YAML,
      preLaunchScript: PATCHED_SCRIPT,
      userConfig: `{"k":"${CONFIG}"}`,
      env,
    },
  ],
  ["configureCvm", RESULT, { env: { encrypted } }],
  ["updateDockerCompose", RESULT, { dockerComposeFile: PATCHED_YAML }],
  ["updatePreLaunchScript", RESULT, { preLaunchScript: PATCHED_SCRIPT }],
  ["updateCvmEnvs", RESULT, { env }],
  ["updateCvmEnvs", RESULT, { env: { encrypted } }],
  [
    "provisionCvmComposeFileUpdate",
    "composeHash",
    { appCompose: { dockerComposeFile: PATCHED_YAML, preLaunchScript: PATCHED_SCRIPT } },
  ],
  ["commitCvmComposeFileUpdate", IN_PROGRESS, { composeHash: "12".repeat(32), env: encrypted }],
].map(([name, selection, input]) => ({
  name: String(name),
  query: writeMutation(String(name), String(selection)),
  input: { id, ...Object(input) },
}));
