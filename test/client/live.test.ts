import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createCvmClient, type Fetch } from "../../packages/client/src/index.ts";
import { startClientGateway } from "./client-gateway.ts";

type Gateway = Awaited<ReturnType<typeof startClientGateway>>;

const START =
  'mutation { configureCvm(input: { id: "web-phala", vcpu: 8 }) { ... on InProgress { correlationId } } }';

async function startUpdate({ client }: Gateway): Promise<string> {
  const { configureCvm } = await client.query<{ configureCvm: { correlationId: string } }>(START);
  return configureCvm.correlationId;
}

/** The fetch of React Native: a response has no body that can be read piece by piece. */
const fetchWithoutStreams: Fetch = async (url, init) => {
  const response = await fetch(url, init);
  return new Proxy(response, {
    get(target, name) {
      if (name === "body") return undefined;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
};

describe("follow", () => {
  it.concurrent.each([
    ["no fault", async () => undefined],
    ["a blip", async (gateway: Gateway) => gateway.network.cut()],
    [
      "12 seconds without a network, in which the operation ends",
      async (gateway: Gateway) => {
        gateway.network.isOffline = true;
        gateway.network.cut();
        await sleep(12_000);
        gateway.network.isOffline = false;
      },
    ],
    ["a gateway that restarts", (gateway: Gateway) => gateway.restart()],
  ])(
    "yields the end of an operation after %s",
    async (_name, fail) => {
      await using gateway = await startClientGateway();
      const correlationId = await startUpdate(gateway);
      const received: string[] = [];
      let failing: Promise<unknown> | null = null;
      for await (const { status, percent } of gateway.client.follow("web-phala", correlationId)) {
        received.push(`${status} ${percent}`);
        failing ??= fail(gateway);
      }
      await failing;
      expect(received.at(-1)).toBe("COMPLETED 100");
      expect(new Set(received).size).toBe(received.length);
    },
    40_000,
  );

  it("polls where responses cannot be streamed", async () => {
    await using gateway = await startClientGateway();
    const correlationId = await startUpdate(gateway);
    const headers = async () => ({ "x-api-key": "sandbox-test" });
    const mobile = createCvmClient({ url: gateway.network.url, headers, fetch: fetchWithoutStreams });
    const received: string[] = [];
    for await (const { status } of mobile.follow("web-phala", correlationId)) received.push(status);
    expect(received.at(-1)).toBe("COMPLETED");
    for await (const { status } of mobile.watch("web-phala")) {
      expect(status).toBe("RUNNING");
      break;
    }
  });

  it("polls while the gateway refuses streams", async () => {
    await using gateway = await startClientGateway();
    const correlationId = await startUpdate(gateway);
    gateway.network.fail({ text: "text/event-stream", effect: "request-lost", times: 1_000 });
    const received: string[] = [];
    for await (const { status } of gateway.client.follow("web-phala", correlationId)) received.push(status);
    expect(received.at(-1)).toBe("COMPLETED");
    expect(gateway.network.resets).toBeGreaterThan(0);
  });

  it("ends with the error of the gateway if asking again cannot help", async () => {
    await using gateway = await startClientGateway();
    const next = (cvmId: string, id: string) => gateway.client.follow(cvmId, id).next();
    await expect(next("web-phala", "not a correlation id")).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(next("no-such-cvm", "id")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const stranger = createCvmClient({ url: gateway.network.url });
    await expect(stranger.watch("web-phala").next()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("fails when the gateway is out of reach for too long", async () => {
    await using gateway = await startClientGateway();
    gateway.network.isOffline = true;
    const next = gateway.client.follow("web-phala", "id", { maxOfflineMs: 300 }).next();
    await expect(next).rejects.toMatchObject({ code: "NETWORK_ERROR", retryable: true });
  });
});

describe("watch", () => {
  it("yields the present state first, then each change, also across a lost connection", async () => {
    await using gateway = await startClientGateway();
    const received: string[] = [];
    for await (const { status } of gateway.client.watch("web-phala")) {
      if (received.at(-1) !== status) received.push(status);
      if (received.length === 1) await startUpdate(gateway);
      if (status === "SHUTTING_DOWN") gateway.network.cut();
      if (received.length > 1 && status === "RUNNING") break;
    }
    expect(received[0]).toBe("RUNNING");
    expect(received).toContain("SHUTTING_DOWN");
    expect(received.at(-1)).toBe("RUNNING");
  });

  it("ends while it waits, by return and by its signal", async () => {
    await using gateway = await startClientGateway();
    const states = gateway.client.watch("web-phala");
    await states.next();
    const waiting = states.next();
    await states.return?.();
    expect(await waiting).toMatchObject({ done: true });
    const controller = new AbortController();
    const others = gateway.client.watch("web-phala", { signal: controller.signal });
    await others.next();
    const next = others.next();
    controller.abort(new Error("left"));
    await expect(next).rejects.toThrow("left");
    // Both streams are closed at the gateway too.
    await expect.poll(() => gateway.countStreams()).toBe(0);
  });
});
