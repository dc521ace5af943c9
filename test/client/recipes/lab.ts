import { setTimeout as sleep } from "node:timers/promises";
import { startSandbox } from "../../../sandbox/server.ts";
import { createGateway } from "../../support/gateway.ts";
import { startMain } from "../../support/process.ts";
import { startFlakyNetwork } from "../flaky-network.ts";

/** A gateway that listens on a port. */
type ListeningGateway = AsyncDisposable & { readonly url: string };

async function listenHere(upstreamUrl: string): Promise<ListeningGateway> {
  const gateway = createGateway(upstreamUrl, { environment: { WATCH_INTERVAL_MS: "100" } });
  const server = await gateway.listen();
  return {
    url: server.url,
    async [Symbol.asyncDispose]() {
      await server.drain(200);
      await gateway.close();
    },
  };
}

/** A network that fails on demand, in front of a gateway and of a sandbox whose clock is stopped. */
export type Lab = AsyncDisposable & {
  /** URL of the gateway behind the network. */
  readonly url: string;
  /** Count the connections that clients have opened. */
  countConnections(): number;
  /** End the operations that are running. */
  endOperations(): Promise<unknown>;
  /** Reset every connection and open none for a time. Something happens in the middle of it. */
  interrupt(ms: number, meanwhile?: () => Promise<unknown>): Promise<void>;
  /** Lose the answer to the first HTTP request with each of these keys. */
  loseFirstAnswers(keys: readonly string[]): void;
  /** Count the answers that were lost. */
  countLostAnswers(): number;
  /** Let the open connections transport nothing more, without closing them. */
  freeze(): void;
};

async function openLab(
  sandbox: Awaited<ReturnType<typeof startSandbox>>,
  gateway: ListeningGateway,
): Promise<Lab> {
  const network = await startFlakyNetwork(Number(new URL(gateway.url).port));
  return {
    url: network.url,
    countConnections: () => network.connections,
    endOperations: () =>
      fetch(`${sandbox.origin}/__sandbox/advance`, { method: "POST", body: JSON.stringify({ ms: 60_000 }) }),
    async interrupt(ms, meanwhile = async () => undefined) {
      network.isOffline = true;
      network.cut();
      await sleep(Math.floor(ms / 2));
      await meanwhile();
      await sleep(Math.ceil(ms / 2));
      network.isOffline = false;
    },
    loseFirstAnswers: (keys) =>
      network.fail(...keys.map((text) => ({ text, effect: "answer-lost" as const }))),
    countLostAnswers: () => network.resets,
    freeze: () => network.freeze(),
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}

/** Start a lab whose gateway runs in this process. */
export async function startLab(): Promise<Lab> {
  const sandbox = await startSandbox({ timeScale: 0 });
  return openLab(sandbox, await listenHere(sandbox.url));
}

/** Start a lab whose gateway is a process of its own. It can be stopped and started again on the same port. */
export async function startLabOfProcess() {
  const sandbox = await startSandbox({ timeScale: 0 });
  const start = (port: string) =>
    startMain({ PORT: port, UPSTREAM_URL: sandbox.url, WATCH_INTERVAL_MS: "100", LOG_LEVEL: "error" });
  let gateway = await start("0");
  const { url } = gateway;
  const lab = await openLab(sandbox, {
    url,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  });
  return {
    ...lab,
    async restart(meanwhile: () => Promise<unknown>): Promise<void> {
      await gateway.stop();
      await meanwhile();
      gateway = await start(new URL(url).port);
    },
  };
}
