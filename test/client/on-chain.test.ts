import { describe, expect, it } from "vitest";
import type { ConfigureInput, ConfigureState, SignTransaction } from "../../packages/client/src/index.ts";
import { QUICK, startClientGateway } from "./client-gateway.ts";

const SCRIPT = "#!/bin/sh\necho on chain\n";

type Gateway = Awaited<ReturnType<typeof startClientGateway>>;

/** A wallet that sends to the chain of the sandbox and remembers what it was asked to sign. */
function createWallet(gateway: Gateway) {
  const asked: string[] = [];
  const sign: SignTransaction = (transaction, { purpose }) => {
    asked.push(purpose);
    return gateway.signOnSandbox(transaction);
  };
  return { asked, sign };
}

function change(id = "web-base"): ConfigureInput {
  return { id, preLaunchScript: SCRIPT };
}

async function readScript(gateway: Gateway, id: string): Promise<string> {
  const query = "query ($id: ID!) { cvm(id: $id) { preLaunchScript } }";
  const { cvm } = await gateway.client.query<{ cvm: { preLaunchScript: string } }>(query, { id });
  return cvm.preLaunchScript;
}

describe("configure of a CVM with an on-chain KMS", () => {
  it("lets the owner sign, confirms, and follows the operation to its end", async () => {
    await using gateway = await startClientGateway();
    const { asked, sign } = createWallet(gateway);
    const stages: string[] = [];
    const result = await gateway.client.configure(change(), {
      sign,
      onProgress: ({ stage }) => void (stages.at(-1) === stage || stages.push(stage)),
    });
    expect(result.status).toBe("COMPLETED");
    expect(asked).toEqual(["compose-hash"]);
    expect(stages).toEqual(["preparing", "sending", "signing", "confirming", "following"]);
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
    expect(await readScript(gateway, "web-base")).toBe(SCRIPT);
  });

  it("lets the owner sign the prerequisites first", async () => {
    await using gateway = await startClientGateway();
    const { asked, sign } = createWallet(gateway);
    const result = await gateway.client.configure(change("web-base-locked-device"), { sign });
    expect(result.status).toBe("COMPLETED");
    expect(asked).toEqual(["device", "compose-hash"]);
  });

  it("lets the owner sign a prerequisite that is known only when the change is confirmed", async () => {
    await using gateway = await startClientGateway();
    const { asked, sign } = createWallet(gateway);
    // Nobody can say at first whether the device is allowed.
    gateway.proxy.rule = ({ path }) =>
      path.includes("is-allowed") || path.includes("allowlist")
        ? { status: 404, body: '{"detail":"Not Found"}' }
        : null;
    const signLater: SignTransaction = (transaction, context) => {
      gateway.proxy.rule = () => null;
      return sign(transaction, context);
    };
    const result = await gateway.client.configure(change("web-base-locked-device"), {
      sign: signLater,
      waitForTransactionSeconds: 1,
    });
    expect(result.status).toBe("COMPLETED");
    expect(asked).toEqual(["compose-hash", "device"]);
  });

  it("asks for sign if it is missing, and can be resumed with it", async () => {
    await using gateway = await startClientGateway();
    const states: ConfigureState[] = [];
    const onPrepared = (state: ConfigureState) => void states.push(state);
    await expect(gateway.client.configure(change(), { onPrepared })).rejects.toMatchObject({
      code: "SIGNATURE_REQUIRED",
      composeHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      prerequisites: [{ chainId: 8453, data: expect.stringMatching(/^0xdfc77223/) }],
    });
    const state = states.at(-1) ?? expect.unreachable();
    const { asked, sign } = createWallet(gateway);
    expect((await gateway.client.resume(state, { sign })).status).toBe("COMPLETED");
    expect(asked).toEqual(["compose-hash"]);
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
  });

  it("rejects with the error of a wallet whose owner refuses, and asks again when it is resumed", async () => {
    await using gateway = await startClientGateway();
    const refusal = Object.assign(new Error("User rejected the request."), { code: 4001 });
    const states: ConfigureState[] = [];
    const options = {
      sign: () => Promise.reject(refusal),
      onPrepared: (state: ConfigureState) => void states.push(JSON.parse(JSON.stringify(state))),
    };
    await expect(gateway.client.configure(change(), options)).rejects.toBe(refusal);
    expect(await gateway.listWrites()).toEqual(["PATCH 465"]);
    const state = states.at(-1) ?? expect.unreachable();
    const { asked, sign } = createWallet(gateway);
    expect((await gateway.client.resume(state, { sign })).status).toBe("COMPLETED");
    expect(asked).toEqual(["compose-hash"]);
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
  });

  it("does not ask again after a restart if the transaction was sent before", async () => {
    await using gateway = await startClientGateway();
    const { asked, sign } = createWallet(gateway);
    let stored: ConfigureState | null = null;
    const controller = new AbortController();
    const stopped = gateway.client.configure(change(), {
      signal: controller.signal,
      onPrepared: (state) => {
        if (!controller.signal.aborted) stored = JSON.parse(JSON.stringify(state));
      },
      // The wallet sends the transaction, and the phone is switched off before it learns the hash.
      async sign(transaction, context) {
        await sign(transaction, context);
        controller.abort();
        throw new Error("switched off");
      },
    });
    await expect(stopped).rejects.toThrow("switched off");
    expect(stored).toMatchObject({ stage: "registering", isSigning: true });
    const result = await gateway.client.resume(stored ?? expect.unreachable(), { ...QUICK, sign });
    expect(result.status).toBe("COMPLETED");
    expect(asked).toEqual(["compose-hash"]);
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
  });

  it("rejects what is not the hash of a transaction", async () => {
    await using gateway = await startClientGateway();
    await expect(gateway.client.configure(change(), { sign: () => "ok" })).rejects.toMatchObject({
      code: "BAD_SIGNATURE_RESULT",
    });
  });
});

describe("the confirmation of a registered hash", () => {
  it.each(["answer-lost", "request-lost"] as const)("is applied once after %s", async (effect) => {
    await using gateway = await startClientGateway();
    const { asked, sign } = createWallet(gateway);
    gateway.network.fail({ text: "mutation ConfirmPatch", effect });
    const result = await gateway.client.configure(change(), { ...QUICK, sign });
    expect(result.status).toBe("COMPLETED");
    expect(gateway.network.resets).toBe(1);
    expect(asked).toEqual(["compose-hash"]);
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
  });

  it("is applied once although its answer is lost and the gateway forgets its keys", async () => {
    await using gateway = await startClientGateway();
    const { sign } = createWallet(gateway);
    let restarting: Promise<void> | null = null;
    gateway.proxy.rule = ({ method }, json) => {
      if (method === "PATCH" && json.status === "in_progress") restarting ??= gateway.restart();
      return null;
    };
    const result = await gateway.client.configure(change(), { ...QUICK, sign });
    expect(restarting).not.toBeNull();
    await restarting;
    expect(result.status).toBe("COMPLETED");
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
  });

  it("is found by its compose hash if its outcome is unknown", async () => {
    await using gateway = await startClientGateway();
    const { sign } = createWallet(gateway);
    gateway.proxy.rule = ({ method }, json) =>
      method === "PATCH" && json.correlation_id !== undefined ? { status: 500, body: "{}" } : null;
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }) => void stages.push(stage);
    const result = await gateway.client.configure(change(), { ...QUICK, sign, onProgress });
    expect(result.status).toBe("COMPLETED");
    expect(stages).toContain("resolving");
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
  });

  it("is applied if the wallet replaced the transaction by one with another hash", async () => {
    await using gateway = await startClientGateway();
    const { asked, sign } = createWallet(gateway);
    const states: ConfigureState[] = [];
    const result = await gateway.client.configure(change(), {
      ...QUICK,
      waitForTransactionSeconds: 1,
      onPrepared: (state) => void states.push(state),
      async sign(transaction, context) {
        await sign(transaction, context);
        return `0x${"ab".repeat(32)}`;
      },
    });
    expect(result.status).toBe("COMPLETED");
    expect(asked).toEqual(["compose-hash"]);
    expect(states.at(-1)).toMatchObject({ stage: "accepted", transactionHash: "0x" });
    expect((await gateway.listWrites()).filter((write) => write === "PATCH 202")).toHaveLength(1);
  });

  it("goes on after a restart with the transaction that was signed", async () => {
    await using gateway = await startClientGateway();
    const { asked, sign } = createWallet(gateway);
    const controller = new AbortController();
    let stored: ConfigureState | null = null;
    const stopped = gateway.client.configure(change(), {
      sign,
      signal: controller.signal,
      onPrepared(state) {
        if (controller.signal.aborted) return;
        stored = JSON.parse(JSON.stringify(state));
        if (state.stage === "confirming") controller.abort(new Error("switched off"));
      },
    });
    await expect(stopped).rejects.toThrow("switched off");
    const result = await gateway.client.resume(stored ?? expect.unreachable(), QUICK);
    expect(result.status).toBe("COMPLETED");
    expect(asked).toEqual(["compose-hash"]);
    expect(await gateway.listWrites()).toEqual(["PATCH 465", "PATCH 202"]);
  });
});
