import { describe, expect, it } from "vitest";
import { startNginx } from "../support/parts/nginx.ts";
import { streamClients } from "../support/stream-clients.ts";
import { FOLLOW, KEY, startStreamingGateway, until } from "../support/streaming-gateway.ts";

const RESTART = [
  ["IN_PROGRESS", null, 5],
  ["IN_PROGRESS", "powering off", 10],
  ["IN_PROGRESS", null, 20],
  ["IN_PROGRESS", null, 25],
  ["IN_PROGRESS", "requesting app keys", 32],
  ["IN_PROGRESS", "mounting data disk", 42],
  ["IN_PROGRESS", "data disk ready", 48],
  ["IN_PROGRESS", "setting up dstack-gateway", 55],
  ["IN_PROGRESS", "setting up docker", 65],
  ["IN_PROGRESS", "pre-launch", 78],
  ["IN_PROGRESS", "starting containers", 88],
  ["COMPLETED", null, 100],
];

/** Follow one restart with every client in parallel. */
async function followRestart(
  gateway: Awaited<ReturnType<typeof startStreamingGateway>>,
  urls: { readonly http: string; readonly socket: string },
): Promise<void> {
  const correlationId = await gateway.update("web-phala");
  const followings = Object.entries(streamClients).map(([name, client]) => {
    const url = name.includes("ws") ? urls.socket : urls.http;
    return [name, client(url, KEY, FOLLOW, { cvmId: "web-phala", correlationId })] as const;
  });
  await until(() => followings.every(([, { received }]) => received.length > 0));
  for (let ms = 0; ms < 9_500; ms += 500) await gateway.advance(500);
  await gateway.jump(500);
  for (const [name, { received, done }] of followings) {
    await done;
    const steps = received.map(({ data: { operation } }) => [
      operation.status,
      operation.step,
      operation.percent,
    ]);
    expect(steps, name).toEqual(RESTART);
  }
}

describe("published GraphQL clients receive every step of a restart", () => {
  it("without a proxy", async () => {
    await using gateway = await startStreamingGateway();
    await followRestart(gateway, { http: gateway.url, socket: gateway.url });
  });

  it("over the single connection of graphql-sse at /graphql/stream, the path of the Yoga plugin", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const client = streamClients["graphql-sse, single connection"];
    const following = client?.(`${gateway.url}/stream`, KEY, FOLLOW, { cvmId: "web-phala", correlationId });
    await until(() => following?.received.length === 1);
    await gateway.jump(10_000);
    await following?.done;
    expect(following?.received.at(-1)?.data).toMatchObject({ operation: { status: "COMPLETED" } });
  });

  it.each([
    ["with its default configuration", ""],
    [
      "with gzip enabled for everything",
      "gzip_types *; gzip_proxied any; gzip_min_length 0; gzip_http_version 1.0;",
    ],
  ])("through nginx %s", { tags: ["nginx"] }, async (_name, settings) => {
    await using gateway = await startStreamingGateway();
    await using nginx = await startNginx(new URL(gateway.url).origin, settings);
    await followRestart(gateway, { http: nginx.url, socket: nginx.socketUrl });
  });
});
