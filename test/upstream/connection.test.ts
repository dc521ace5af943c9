import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { setVcpu } from "../support/mutations.ts";
import { listen } from "../support/upstream/listen.ts";
import { reply, startRawUpstream, writeReply } from "../support/upstream/raw.ts";
import { askThroughFault, READ } from "./ask-through-fault.ts";

describe("a refused connection", () => {
  it.each([
    ["read", READ],
    ["write", setVcpu("cvm_web")],
  ])("fails a %s with a message that nothing was sent", async (_kind, query) => {
    const upstream = await startRawUpstream({});
    await upstream.stop();
    const { app, close } = createGateway(upstream.url);
    const { errors } = await ask(app, query);
    expect(errors?.[0]).toMatchObject({
      message: "The gateway cannot reach the REST API. Nothing was sent.",
      extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true },
    });
    await close();
  });
});

describe("a connection that breaks during the TLS handshake", () => {
  it.each([
    ["was reset", (socket: Socket) => void socket.resetAndDestroy()],
    ["reached a server without TLS", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ])(
    "fails a write with a message that nothing was sent when the connection %s",
    async (_name, onConnection) => {
      await using server = await listen(createServer(onConnection));
      const { app, close } = createGateway(`https://127.0.0.1:${server.port}`);
      const { errors } = await ask(app, setVcpu("cvm_web"));
      expect(errors?.[0]?.message).toBe("The gateway cannot reach the REST API. Nothing was sent.");
      await close();
    },
  );
});

describe("a server that never finishes the TLS handshake", () => {
  it("costs a read no more than its time", async () => {
    await using server = await listen(createServer(() => undefined));
    const environment = { UPSTREAM_READ_TIMEOUT_MS: "700" };
    const { app, close } = createGateway(`https://127.0.0.1:${server.port}`, { environment });
    const started = performance.now();
    const { errors } = await ask(app, READ);
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_TIMEOUT");
    expect(performance.now() - started).toBeLessThan(2_000);
    await close();
  });
});

describe("a reply that breaks the rules of HTTP", () => {
  const answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
  it.each([
    [
      "begins with an unasked 100 Continue",
      `HTTP/1.1 100 Continue\r\n\r\n${answer}content-length: 2\r\n\r\n{}`,
    ],
    ["has two different lengths", `${answer}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ["has its length twice", `${answer}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`],
  ])("%s: a read fails with UPSTREAM_MALFORMED, a write with OUTCOME_UNKNOWN", async (_name, bytes) => {
    await using server = await listen(
      createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.write(bytes));
      }),
    );
    const { app, close } = createGateway(`http://127.0.0.1:${server.port}`);
    const read = await ask(app, READ);
    expect(read.errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
    const write = await ask(app, setVcpu("cvm_web"));
    expect(write.errors?.[0]?.extensions.code).toBe("OUTCOME_UNKNOWN");
    await close();
  });
});

describe("a redirect to another origin", () => {
  it.each([301, 302, 307, 308])(
    "with status %i is not followed, and the credential is not sent to the other origin",
    async (status) => {
      await using other = await startRawUpstream(reply(200, {}));
      for (const query of [READ, setVcpu("cvm_web")]) {
        const { error, upstream } = await askThroughFault(
          reply(status, "", { location: `${other.url}/steal` }),
          query,
        );
        expect(error?.code).toBe("UPSTREAM_REFUSED");
        expect(upstream.requests).toHaveLength(1);
      }
      expect(other.countHeads()).toBe(0);
    },
  );
});

describe("a second response on one connection", () => {
  it("is never used as the response to the next request", async () => {
    const poison = JSON.stringify({ items: [], total: 666, page: 1, page_size: 1, pages: 1 });
    const good = poison.replace("666", "1");
    await using upstream = await startRawUpstream({
      onRequest(socket, _request, count) {
        writeReply(socket, 200, good);
        if (count === 1) writeReply(socket, 200, poison);
      },
    });
    const { app, close } = createGateway(upstream.url);
    for (let round = 0; round < 3; round += 1) {
      const { data } = await ask(app, "{ cvms(first: 1) { totalCount } }");
      expect(data.cvms.totalCount).toBe(1);
    }
    await close();
  });
});

describe("a client that disconnects", () => {
  const leaveAfterArrival = async (query: string) => {
    const arrival = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    let closedEarly = false;
    await using upstream = await startRawUpstream({
      onRequest(socket) {
        socket.on("close", () => {
          closedEarly = true;
        });
        arrival.resolve();
        void gone.promise.then(() => writeReply(socket, 202, JSON.stringify({ status: "in_progress" })));
      },
    });
    const { app, close } = createGateway(upstream.url);
    const controller = new AbortController();
    const answer = Promise.resolve(
      app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": "k" },
        body: JSON.stringify({ query }),
        signal: controller.signal,
      }),
    ).catch(() => undefined);
    await arrival.promise;
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const aborted = closedEarly;
    gone.resolve();
    await answer;
    await close();
    return { aborted, sends: upstream.countHeads() };
  };

  it("aborts its read", async () => {
    expect(await leaveAfterArrival(READ)).toEqual({ aborted: true, sends: 1 });
  });

  it("does not abort a write that was sent", async () => {
    expect(await leaveAfterArrival(setVcpu("cvm_web"))).toEqual({ aborted: false, sends: 1 });
  });
});
