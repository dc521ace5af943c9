import { describe, expect, it } from "vitest";
import type { ConfigureState } from "../../packages/client/src/index.ts";
import { QUICK, startClientGateway } from "./client-gateway.ts";

describe("configure", () => {
  it("sends a change once and resolves with its final operation", async () => {
    await using gateway = await startClientGateway();
    const stages: string[] = [];
    const result = await gateway.client.configure(
      { id: "web-phala", vcpu: 8 },
      { onProgress: ({ stage }) => void (stages.at(-1) === stage || stages.push(stage)) },
    );
    expect(result).toMatchObject({ status: "COMPLETED", percent: 100, errorMessage: null });
    expect(stages).toEqual(["preparing", "sending", "following"]);
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });

  it("says what is expected to callers without types", async () => {
    await using gateway = await startClientGateway();
    const wrong: readonly unknown[] = [null, undefined, "web-phala", { id: "web-phala", env: "A=1" }];
    for (const input of wrong) {
      const call = Reflect.apply(gateway.client.configure, null, [input]);
      await expect(call).rejects.toThrow(/^(configure needs an input|env must be a list)/);
    }
  });

  it("resolves with NO_CHANGE for a configuration that the CVM has already", async () => {
    await using gateway = await startClientGateway();
    await gateway.client.configure({ id: "web-phala", vcpu: 8 });
    const result = await gateway.client.configure({ id: "web-phala", vcpu: 8 }, QUICK);
    expect(result).toMatchObject({ status: "NO_CHANGE", correlationId: null });
  });

  it("repeats a lost answer without a second write", async () => {
    await using gateway = await startClientGateway();
    gateway.network.fail({ text: "mutation ConfigureCvm", effect: "answer-lost" });
    const result = await gateway.client.configure({ id: "web-phala", vcpu: 8 }, QUICK);
    expect(result.status).toBe("COMPLETED");
    expect(gateway.network.resets).toBe(1);
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });

  it("sends a change again that never arrived", async () => {
    await using gateway = await startClientGateway();
    gateway.network.fail({ text: "mutation ConfigureCvm", effect: "request-lost" });
    const result = await gateway.client.configure({ id: "web-phala", vcpu: 8 }, QUICK);
    expect(result.status).toBe("COMPLETED");
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });

  it.each([
    ["a setting", { vcpu: 8 }],
    [
      "only the values of an environment",
      { env: ["DATABASE_URL", "API_TOKEN"].map((key) => ({ key, value: "x" })) },
    ],
  ])("sends %s once although the answer is lost and the gateway forgets its keys", async (_name, change) => {
    await using gateway = await startClientGateway();
    let restarting: Promise<void> | null = null;
    gateway.proxy.rule = ({ method }) => {
      if (method === "PATCH") restarting ??= gateway.restart();
      return null;
    };
    const result = await gateway.client.configure(
      { id: "web-phala", ...change },
      { ...QUICK, allowUnverifiedKey: true },
    );
    await restarting;
    expect(result.status).toBe("COMPLETED");
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });

  it("finds out by reading that a change with an unknown outcome was applied", async () => {
    await using gateway = await startClientGateway();
    // The REST API applies the change, and its answer says nothing.
    gateway.proxy.rule = ({ method }) => (method === "PATCH" ? { status: 500, body: "{}" } : null);
    const stages: string[] = [];
    const result = await gateway.client.configure(
      { id: "web-phala", vcpu: 8 },
      { ...QUICK, onProgress: ({ stage }) => void stages.push(stage) },
    );
    expect(result).toMatchObject({ status: "COMPLETED" });
    expect(stages).toContain("resolving");
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });

  it("finds out by reading that a change with an unknown outcome was not applied, and sends nothing", async () => {
    await using gateway = await startClientGateway();
    gateway.proxy.rule = ({ method }) => (method === "PATCH" ? { status: 500, body: "{}" } : null);
    // 400 for the sandbox, which the rule turns into an answer that says nothing.
    const change = gateway.client.configure({ id: "web-phala", image: "no-such-image" }, QUICK);
    await expect(change).rejects.toMatchObject({ code: expect.stringMatching(/NOT_APPLIED|BAD_USER_INPUT/) });
    const other = gateway.client.configure({ id: "web-phala", diskSizeGb: 100_000 }, QUICK);
    await expect(other).rejects.toMatchObject({ code: "NOT_APPLIED", retryable: true });
    expect((await gateway.listWrites()).filter((write) => write.endsWith("202"))).toEqual([]);
  });

  it("rejects with the error of the gateway, whose message has no variable", async () => {
    await using gateway = await startClientGateway();
    const change = gateway.client.configure({ id: "web-phala", dockerComposeFile: "hunter2: [" });
    await expect(change).rejects.toMatchObject({
      name: "CvmGatewayError",
      code: "BAD_USER_INPUT",
      retryable: false,
      requestId: expect.any(String),
      fields: [{ path: "input.dockerComposeFile", message: expect.any(String) }],
      message: expect.not.stringContaining("hunter2"),
    });
    await expect(gateway.client.configure({ id: "no-such-cvm", vcpu: 2 })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await gateway.listWrites()).toEqual([]);
  });

  it("rejects with OPERATION_FAILED when the CVM does not boot", async () => {
    await using gateway = await startClientGateway();
    await expect(gateway.client.configure({ id: "boot-fails", vcpu: 8 })).rejects.toMatchObject({
      code: "OPERATION_FAILED",
      correlationId: expect.any(String),
    });
  });
});

describe("configure, aborted", () => {
  it("sends nothing if the signal aborts before", async () => {
    await using gateway = await startClientGateway();
    const controller = new AbortController();
    const change = gateway.client.configure(
      { id: "web-phala", vcpu: 8 },
      { signal: controller.signal, onPrepared: () => controller.abort(new Error("left")) },
    );
    await expect(change).rejects.toThrow("left");
    expect(await gateway.listWrites()).toEqual([]);
  });

  it("can be resumed to its end if the signal aborts after", async () => {
    await using gateway = await startClientGateway();
    const controller = new AbortController();
    let stored = "";
    const change = gateway.client.configure(
      { id: "web-phala", vcpu: 8 },
      {
        signal: controller.signal,
        onPrepared: (state) => {
          stored = JSON.stringify(state);
        },
        onProgress: ({ stage }) => void (stage === "following" && controller.abort(new Error("left"))),
      },
    );
    await expect(change).rejects.toThrow("left");
    const result = await gateway.client.resume(JSON.parse(stored), QUICK);
    expect(result.status).toBe("COMPLETED");
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });
});

describe("resume", () => {
  /** Run a change until the state of a stage is stored, then stop as a phone does that loses its power. */
  async function stopAt(
    gateway: Awaited<ReturnType<typeof startClientGateway>>,
    stage: ConfigureState["stage"],
  ): Promise<ConfigureState> {
    return new Promise((resolve, reject) => {
      const controller = new AbortController();
      gateway.client
        .configure(
          { id: "web-phala", vcpu: 8 },
          {
            signal: controller.signal,
            onPrepared(state) {
              if (state.stage !== stage) return;
              resolve(JSON.parse(JSON.stringify(state)));
              controller.abort();
            },
          },
        )
        .catch((error) => (controller.signal.aborted ? null : reject(error)));
    });
  }

  it.each(["prepared", "accepted"] as const)("goes on from the stage %s with one write", async (stage) => {
    await using gateway = await startClientGateway();
    const state = await stopAt(gateway, stage);
    const result = await gateway.client.resume(state, QUICK);
    expect(result.status).toBe("COMPLETED");
    expect(await gateway.client.resume(state, QUICK)).toEqual(result);
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });

  it("finds a change that was sent before the restart, also if the gateway has forgotten it", async () => {
    await using gateway = await startClientGateway();
    const state = await stopAt(gateway, "prepared");
    await gateway.change("web-phala", { vcpu: 8 });
    const result = await gateway.client.resume(state, QUICK);
    expect(result.status).toBe("COMPLETED");
    expect(await gateway.listWrites()).toEqual(["PATCH 202"]);
  });

  it("sends the change if what happened in between was another change", async () => {
    await using gateway = await startClientGateway();
    const state = await stopAt(gateway, "prepared");
    await gateway.change("web-phala", { vcpu: 3 });
    const result = await gateway.client.resume(state, QUICK);
    expect(result.status).toBe("COMPLETED");
    // The REST API holds its lock a little longer than the other change lasts: a 409 applies nothing.
    const applied = (await gateway.listWrites()).filter((write) => write !== "PATCH 409");
    expect(applied).toEqual(["PATCH 202", "PATCH 202"]);
  });

  it("rejects anything that is not a stored state", async () => {
    await using gateway = await startClientGateway();
    const broken: ConfigureState = JSON.parse('{"version":1,"stage":"prepared"}');
    await expect(gateway.client.resume(broken)).rejects.toMatchObject({ code: "BAD_STATE" });
  });
});
