import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { UpstreamControl } from "./control.ts";
import {
  CVM_COUNT,
  indexOf,
  renderChange,
  renderComposeFile,
  renderCvm,
  renderNetwork,
  renderPage,
  renderState,
  renderStats,
  renderStatusBatch,
} from "./render.ts";

const PREFIX = "/api/v1";
let control: UpstreamControl = { delayMs: 0, tick: null };
let ticks = 1;
let calls = 0;
let connections = 0;

const byId: Readonly<Record<string, (index: number, tick: number) => string | Buffer>> = {
  "": renderCvm,
  "/compose_file": renderComposeFile,
  "/network": renderNetwork,
  "/stats": renderStats,
  "/state": renderState,
};

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += chunk;
  return text;
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  type = "application/json",
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "x-request-id": "bench",
  });
  response.end(body);
}

async function answerWithBody(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  tick: number,
) {
  const body = JSON.parse(await readBody(request));
  if (path === "/status/batch") return send(response, 200, renderStatusBatch(body.vm_uuids, tick));
  if (request.method !== "PATCH") return send(response, 404, '{"detail":"Not Found"}');
  return send(response, 202, renderChange(indexOf(path), body.vcpu, tick));
}

function answerWithoutBody(path: string, query: URLSearchParams, response: ServerResponse, tick: number) {
  if (path === "/cvms/paginated") {
    const size = Number(query.get("page_size") ?? 30);
    return send(response, 200, renderPage(Number(query.get("page") ?? 1), size, tick));
  }
  const [, id = "", rest = ""] = /^\/cvms\/(cvm_bench\d{4})(\/\w+)?$/.exec(path) ?? [];
  const render = byId[rest];
  if (render === undefined || id === "" || indexOf(id) >= CVM_COUNT) {
    return send(response, 404, '{"detail":"Not Found"}');
  }
  const type = query.get("raw") === "true" ? "text/plain; charset=utf-8" : "application/json";
  return send(response, 200, render(indexOf(id), tick), type);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = "", search = ""] = (request.url ?? "").split("?");
  if (path === "/bench/control") {
    control = JSON.parse(await readBody(request));
    send(response, 200, JSON.stringify({ calls, connections }));
    return;
  }
  calls += 1;
  ticks += 1;
  const tick = control.tick ?? ticks;
  if (request.headers["x-api-key"] === undefined) return send(response, 401, '{"detail":"Unauthorized"}');
  if (control.delayMs > 0) await sleep(control.delayMs);
  const resource = path.slice(PREFIX.length);
  if (request.method === "GET")
    return answerWithoutBody(resource, new URLSearchParams(search), response, tick);
  return answerWithBody(resource, request, response, tick);
}

/**
 * Create a fast fake of the REST API. It renders texts instead of objects, so that it costs less than the servers
 * in front of it. `POST /bench/control` sets the delay and the tick, and returns the counters.
 */
export function createUpstream(): Server {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", () => {
    connections += 1;
  });
  return server;
}
