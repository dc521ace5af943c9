import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import { type Exchange, startProxy } from "./proxy.ts";
import type { Reply } from "./reply.ts";

/** Fault of one call. The name shows whether the call reaches the REST API. */
const FAULTS = [
  "reset before the body",
  "reset after the body, not passed on",
  "reset after it was passed on",
  "answer cut in the middle",
  "503, not passed on",
  "503 after it was passed on",
  "502 of a proxy after it was passed on",
  "429, not passed on",
  "delay",
] as const;

type Fault = (typeof FAULTS)[number];

/** Share of calls with a fault. A new share is drawn every {@link FAULT_SHARE_MS}. */
const FAULT_SHARES = [0, 0.1, 0.2, 0.6] as const;
const FAULT_SHARE_MS = 300;

const BY_CHANCE = { detail: "by chance" };

/** Replies that never reach the REST API; `null` resets the connection. */
const notPassedOn: Partial<Record<Fault, Reply | null>> = {
  "reset after the body, not passed on": null,
  "503, not passed on": { status: 503, headers: { "retry-after": "0" }, body: BY_CHANCE },
  "429, not passed on": { status: 429, headers: { "retry-after": "0" }, body: BY_CHANCE },
};

/** Replies that replace the answer of the REST API; `null` resets the connection. */
const afterPassedOn: Partial<Record<Fault, Reply | null>> = {
  "reset after it was passed on": null,
  "503 after it was passed on": { status: 503, body: BY_CHANCE },
  "502 of a proxy after it was passed on": {
    status: 502,
    headers: { "content-type": "text/html" },
    body: "<h1>Bad Gateway</h1>",
  },
};

/** Forwards calls one by one or many at a time, and can hold all of them back. */
function createGate() {
  let running = 0;
  let closed: PromiseWithResolvers<void> | null = null;
  return {
    async pass<T>(run: () => Promise<T>): Promise<T> {
      while (closed !== null) await closed.promise;
      running += 1;
      try {
        return await run();
      } finally {
        running -= 1;
      }
    },
    async whileEmpty<T>(run: () => Promise<T>): Promise<T> {
      const gate = Promise.withResolvers<void>();
      closed = gate;
      while (running > 0) await sleep(1);
      try {
        return await run();
      } finally {
        closed = null;
        gate.resolve();
      }
    },
  };
}

/** Start a proxy that fails by chance from `start` to `stop`. */
export async function startFaultyProxy(upstreamUrl: string, random: Random) {
  const faults: Record<string, number> = {};
  /** Writes whose body arrived at the proxy, with the status of the REST API's answer if it was passed back, else 0. */
  const writes: { readonly path: string; readonly body: string; readonly status: number }[] = [];
  const gate = createGate();
  let share = 0;
  let shares: NodeJS.Timeout | undefined;

  function chooseFault(): Fault | null {
    if (!random.chance(share)) return null;
    const fault = random.pick(FAULTS);
    faults[fault] = (faults[fault] ?? 0) + 1;
    return fault;
  }

  async function handle(exchange: Exchange): Promise<void> {
    const fault = chooseFault();
    if (fault === "reset before the body") return exchange.reset();
    const body = await exchange.readBody();
    const note = (status: number): void => {
      if (exchange.method === "PATCH") writes.push({ path: exchange.path, body, status });
    };
    const send = (reply: Reply | null) => (reply === null ? exchange.reset() : exchange.reply(reply));
    if (fault === "delay") await sleep(20 + random.below(400));
    const refusal = fault === null ? undefined : notPassedOn[fault];
    if (refusal !== undefined) {
      note(refusal?.status ?? 0);
      return send(refusal);
    }
    // The whole answer is read even if it is thrown away, so that the journal has a status for the call.
    const reply = await gate.pass(exchange.forward);
    note(fault === null || fault === "delay" ? (reply.status ?? 0) : 0);
    if (fault === "answer cut in the middle") return exchange.cut(reply);
    const replaced = fault === null ? undefined : afterPassedOn[fault];
    send(replaced === undefined ? reply : replaced);
  }

  const server = await startProxy(upstreamUrl, handle);
  return {
    url: server.url,
    faults,
    writes,
    start(): void {
      shares = setInterval(() => {
        share = random.pick(FAULT_SHARES);
      }, FAULT_SHARE_MS);
    },
    stop(): void {
      clearInterval(shares);
      share = 0;
    },
    /** Run a function while no call is between the proxy and the sandbox. */
    quietly: gate.whileEmpty,
    async [Symbol.asyncDispose]() {
      clearInterval(shares);
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A running faulty proxy. */
export type FaultyProxy = Awaited<ReturnType<typeof startFaultyProxy>>;
