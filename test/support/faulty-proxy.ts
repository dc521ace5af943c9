import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { serve } from "./gateway.ts";
import type { Random } from "./random.ts";

/** What goes wrong with one call; the names tell whether the REST API hears of it. */
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

/** The share of calls with a fault; drawn anew every {@link WEATHER_MS}. */
const WEATHER = [0, 0.1, 0.2, 0.6] as const;
const WEATHER_MS = 300;

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  text: string,
): void {
  response.writeHead(status, headers).end(text);
}

const JSON_TYPE = { "content-type": "application/json" };

/** Stands between gateway and sandbox, and fails by chance from {@link FaultyProxy.start} to `stop`. */
export async function startFaultyProxy(upstreamUrl: string, random: Random) {
  const { origin, pathname } = new URL(upstreamUrl);
  const pool = new Pool(origin, { connections: 64 });
  const faults: Record<string, number> = {};
  /** Writes whose body arrived here, by body and path, with the status that went back (0: none). */
  const writes: { readonly path: string; readonly body: string; readonly status: number }[] = [];
  let share = 0;
  let running = 0;
  let gate: PromiseWithResolvers<void> | null = null;
  let weather: NodeJS.Timeout | undefined;

  function chooseFault(): Fault | null {
    if (!random.chance(share)) return null;
    const fault = random.pick(FAULTS);
    faults[fault] = (faults[fault] ?? 0) + 1;
    return fault;
  }

  /** Passes the call on and always hears its whole answer, so that the journal has a status for it. */
  async function passOn(request: IncomingMessage, body: Buffer) {
    while (gate !== null) await gate.promise;
    running += 1;
    try {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const reply = await pool.request({
        path: request.url ?? "/",
        method: request.method ?? "GET",
        headers,
        body: body.length > 0 ? body : null,
      });
      const type = reply.headers["content-type"];
      return { status: reply.statusCode, type: String(type ?? ""), text: await reply.body.text() };
    } finally {
      running -= 1;
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = chooseFault();
    const reset = () => void request.socket.resetAndDestroy();
    if (fault === "reset before the body") return reset();
    const body = await readAll(request);
    const note = (status: number): void => {
      if (request.method === "PATCH") writes.push({ path: request.url ?? "", body: body.toString(), status });
    };
    if (fault === "delay") await sleep(20 + random.below(400));
    if (fault?.endsWith("not passed on")) {
      const status = fault.startsWith("5") ? 503 : fault.startsWith("4") ? 429 : 0;
      note(status);
      if (status === 0) return reset();
      return answer(response, status, { ...JSON_TYPE, "retry-after": "0" }, '{"detail":"by chance"}');
    }
    const reply = await passOn(request, body);
    const status = fault === null || fault === "delay" ? reply.status : 0;
    note(status);
    if (fault === "reset after it was passed on") return reset();
    if (fault === "503 after it was passed on")
      return answer(response, 503, JSON_TYPE, '{"detail":"by chance"}');
    if (fault === "502 of a proxy after it was passed on")
      return answer(response, 502, { "content-type": "text/html" }, "<h1>Bad Gateway</h1>");
    const headers = { "content-type": reply.type, "content-length": String(Buffer.byteLength(reply.text)) };
    if (fault !== "answer cut in the middle") return answer(response, reply.status, headers, reply.text);
    response.writeHead(reply.status, headers);
    response.write(reply.text.slice(0, reply.text.length / 2), () => void request.socket.resetAndDestroy());
  }

  // A gateway that goes away in the middle breaks the exchange; the journal has what was passed on.
  const server = await serve(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  );
  return {
    url: `${server.url}${pathname}`,
    faults,
    writes,
    start(): void {
      weather = setInterval(() => {
        share = random.pick(WEATHER);
      }, WEATHER_MS);
    },
    stop(): void {
      clearInterval(weather);
      share = 0;
    },
    /** Runs something while no call is between here and the sandbox. */
    async quietly<T>(run: () => Promise<T>): Promise<T> {
      const closed = Promise.withResolvers<void>();
      gate = closed;
      while (running > 0) await sleep(1);
      try {
        return await run();
      } finally {
        gate = null;
        closed.resolve();
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(weather);
      await server[Symbol.asyncDispose]();
      await pool.destroy();
    },
  };
}

/** A running faulty proxy. */
export type FaultyProxy = Awaited<ReturnType<typeof startFaultyProxy>>;
