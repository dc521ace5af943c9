import { expect, it } from "vitest";
import { startMain } from "../support/process.ts";
import { expectClean, writes } from "./secret-values.ts";

it("a gateway process writes no secret to its answers or its output at log level trace", async () => {
  await using gateway = await startMain({ LOG_LEVEL: "trace", SANDBOX_TIME_SCALE: "10000" });
  const send = async (query: string, variables: object) => {
    const response = await gateway.post(query, { "x-api-key": "sandbox-canary" }, variables);
    return response.text();
  };
  const results: string[] = [];
  for (const { query, input } of writes) {
    for (const name of [
      "web-phala",
      "web-base",
      "fails-503",
      "fails-malformed",
      "fails-reset",
      "busy-updating",
    ]) {
      const whole =
        "env" in input
          ? { ...input, id: name, removeKeys: ["DATABASE_URL", "API_TOKEN"] }
          : { ...input, id: name };
      results.push(
        await send(query, { input: query.includes("CommitCvm") ? { ...input, id: name } : whole }),
      );
    }
  }
  await gateway.stop();
  expect(results.some((text) => text.includes('"IN_PROGRESS"'))).toBe(true);
  expect(results.some((text) => text.includes("OnChainHashRequired"))).toBe(true);
  expect(gateway.output()).toContain("upstream call");
  expectClean("the output", gateway.output());
  expectClean("an answer", results.join(""));
}, 60_000);
