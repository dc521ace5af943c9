import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";
import { BOTH, plainBoth, plan } from "./plan-request.ts";

const REVERSED = BOTH.toReversed();

describe("the order of environment names", () => {
  it("is the client's order with allowedEnvs, so preparing the change makes sense", async () => {
    await using gateway = await startGateway();
    const change = { env: { plain: plainBoth }, allowedEnvs: REVERSED, prepareOnly: true };
    const input = { id: "web-base", ...change };

    const { requiresOnChainHash, problems } = await plan(gateway, input);
    expect(requiresOnChainHash).toBe(true);
    expect(problems.map(({ code }: { code: string }) => code)).not.toContain("NOTHING_TO_PREPARE");

    const { data } = await gateway.ask(CONFIGURE, { input });
    expect(data.configureCvm.__typename).toBe("OnChainHashRequired");
    const [patch] = (await gateway.calls()).filter(({ method }) => method === "PATCH");
    expect(patch?.body.allowed_envs).toEqual(REVERSED);
  });

  it("is the present order without allowedEnvs, because another order is another compose hash", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-base", env: { plain: plainBoth.toReversed() }, prepareOnly: true };

    const { requiresOnChainHash, problems } = await plan(gateway, input);
    expect(requiresOnChainHash).toBe(false);
    expect(problems.map(({ code }: { code: string }) => code)).toContain("NOTHING_TO_PREPARE");

    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", fields: [{ path: "input.prepareOnly" }] } },
    ]);
  });
});
