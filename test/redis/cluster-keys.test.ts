import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { command } from "../support/redis/command.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const VERSION = '{ cvm(id: "cvm_web") { configVersion } }';
const TRIES = 30;

describe("a master of a cluster that lost its data", { tags: ["redis-server"], timeout: 40_000 }, () => {
  it("pauses the keys whose records it had, and the locks it had, and no others", async () => {
    await using cluster = await startCluster();
    await using upstream = await startScripted(({ method, path }) => {
      const id = path.split(/[/?]/)[2] ?? "";
      if (method === "GET") return { body: { ...CVM, id } };
      return { status: 202, body: { correlation_id: `c-${id}`, status: "in_progress" } };
    });
    const logs: string[] = [];
    const gateway = createGateway(upstream.url, { environment: { REDIS_URL: cluster.url }, logs });
    await expect.poll(() => logs.join(""), { timeout: 10_000 }).toContain("Redis can be used");
    const { data } = await ask(gateway.app, VERSION);
    const expectedVersion: string = data.cvm.configVersion;
    const send = async (input: object) => {
      const { errors } = await ask(gateway.app, CONFIGURE, { input: { vcpu: 2, ...input } });
      return errors?.[0]?.extensions.code ?? "sent";
    };
    // After these writes, the gateway knows each master.
    await Promise.all(Array.from({ length: 20 }, (_, index) => send({ id: `cvm_warm${index}` })));
    await command(`redis://127.0.0.1:${cluster.ports[0]}`, "FLUSHALL");

    const ids = Array.from({ length: TRIES }, (_, index) => `cvm_${index}`);
    const locks = await Promise.all(ids.map((id) => send({ id, expectedVersion })));
    expect(new Set(locks)).toEqual(new Set(["sent", "LOCK_UNAVAILABLE"]));
    const id = ids[locks.indexOf("sent")];
    const keys = await Promise.all(ids.map((key) => send({ id, idempotencyKey: key })));
    expect(new Set(keys)).toEqual(new Set(["sent", "LOCK_UNAVAILABLE"]));
    const sent = upstream.requests.filter(
      ({ method, path }) => method === "PATCH" && path.endsWith(`/${id}`),
    );
    expect(sent).toHaveLength(1 + keys.filter((outcome) => outcome === "sent").length);
    await gateway.close();
  });
});
