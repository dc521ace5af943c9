import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";
import { pickByTier } from "../support/tier.ts";
import { BOTH, plainBoth, plan, readHash, sealed, YAML } from "./plan-request.ts";

const singles: readonly object[] = [
  { dockerComposeFile: YAML },
  { dockerComposeFile: `# ümlaut "quoted": 'x' \\ 😀\n${YAML}` },
  { preLaunchScript: "" },
  { preLaunchScript: '#!/bin/sh\necho "a": b\t\u2028\u007f\n' },
  { allowedEnvs: [] },
  { allowedEnvs: ["API_TOKEN", "DATABASE_URL"] },
  { publicLogs: false },
  { publicLogs: true },
  { publicSysinfo: false },
  { publicTcbinfo: false },
  { vcpu: 2 },
  { memoryMb: 4096, diskSizeGb: 50 },
  { image: "dstack-0.5.6" },
  { userConfig: "{}" },
  { env: { encrypted: sealed } },
  { env: { encrypted: { ...sealed, keys: [...BOTH, "NEW"] } } },
  { env: { plain: plainBoth.toReversed() } },
  { env: { plain: [{ key: "NEW", value: "" }] }, removeKeys: BOTH },
];

describe("the predicted hash is the hash that configureCvm produces", () => {
  it.each(singles.map((input) => [JSON.stringify(input).slice(0, 70), input] as const))(
    "for %s",
    async (_text, change) => {
      await using gateway = await startGateway();
      const input = { id: "web-phala", ...change };
      const { composeHashBefore, composeHashAfter } = await plan(gateway, input);
      expect(composeHashBefore).toBe(await readHash(gateway, "web-phala"));
      const { errors } = await gateway.ask(CONFIGURE, { input });
      expect(errors).toBeUndefined();
      await gateway.advance(11_000);
      expect(composeHashAfter).toBe(await readHash(gateway, "web-phala"));
    },
  );

  it.each([
    ["web-base"],
    ["web-base-indented"],
    ["web-ethereum"],
    ["no-script"],
    ["gpu-inference"],
    ["private-logs"],
  ])("for any combination of measured settings on %s", async (id) => {
    await using gateway = await startGateway();
    const text = fc.string({ unit: "grapheme", maxLength: 40 });
    const change = fc.record(
      {
        dockerComposeFile: text.map((noise) => `# ${noise.replaceAll(/[^\p{L}\p{N} ]/gu, " ")}\n${YAML}`),
        preLaunchScript: text,
        allowedEnvs: fc.uniqueArray(fc.stringMatching(/^[A-Z_]{1,8}$/), { maxLength: 4 }),
        publicLogs: fc.boolean(),
        publicSysinfo: fc.boolean(),
        publicTcbinfo: fc.boolean(),
      },
      { requiredKeys: ["publicLogs"] },
    );
    await fc.assert(
      fc.asyncProperty(change, async (given) => {
        const input = { id, ...given };
        const planned = await plan(gateway, input);
        const { data, errors } = await gateway.ask(CONFIGURE, { input });
        expect(errors).toBeUndefined();
        await gateway.calls();
        const result = data.configureCvm;
        expect(result.__typename === "OnChainHashRequired").toBe(planned.requiresOnChainHash);
        if (planned.requiresOnChainHash) {
          expect(planned.hashAlreadyAllowed).toBe(false);
          expect(result.composeHash).toBe(planned.composeHashAfter);
        } else {
          expect(result.status).toBe(planned.restarts ? "IN_PROGRESS" : "NO_CHANGE");
          await gateway.advance(12_000);
          expect(await readHash(gateway, id)).toBe(planned.composeHashAfter);
        }
      }),
      { numRuns: pickByTier(15, 150) },
    );
  });
});
