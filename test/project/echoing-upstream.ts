import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "../support/upstream/listen.ts";
import { id } from "./secret-values.ts";

type Reply = (body: string, response: ServerResponse, request: IncomingMessage) => void;

/** Respond with JSON that is built from the request body. */
export function json(status: number, build: (body: string) => unknown): Reply {
  return (body, response) =>
    response
      .writeHead(status, {
        "content-type": "application/json",
        "x-request-id": encodeURIComponent(body).slice(0, 300),
      })
      .end(JSON.stringify(build(body)));
}

/** A structured error that repeats the request body in every member. */
export const structured = (body: string) => ({
  error_code: body,
  message: `Bad: ${body}`,
  details: [{ field: "docker_compose_file", value: body, message: `line 5: near ${body.slice(-90, -3)}` }],
  suggestions: [body, `try not ${body.slice(30, 200)}`],
  links: [{ url: `https://x.invalid/?${body}`, label: body }],
  request_id: body,
});
const fastApi = (body: string) => ({
  detail: [
    {
      loc: ["body", body.slice(20, 120)],
      msg: `Value error: ${body.slice(7)}`,
      type: "value_error",
      input: body,
      ctx: { body },
    },
  ],
});
const precondition = (body: string) => ({
  message: body,
  compose_hash: "12".repeat(32),
  app_id: "34".repeat(20),
  kms_info: { id: "kms_1", url: "https://kms.invalid", chain_id: 1 },
});

/** Every kind of response in which an upstream can repeat the body of a write. */
export const replies: Readonly<Record<string, Reply>> = {
  "202 with the body as its message": json(202, (body) => ({
    status: "in_progress",
    message: body,
    correlation_id: "c-1",
  })),
  "202 with an invalid schema": json(202, (body) => ({
    status: [body],
    message: { body },
    correlation_id: 7,
  })),
  "200 that is not JSON": (body, response) => response.writeHead(200).end(`OK ${body}`),
  "465": json(465, (body) => ({ ...precondition(body), error_code: "ERR-01-005" })),
  "465 with an invalid schema": json(465, (body) => ({ ...precondition(body), app_id: body })),
  "422 of FastAPI": json(422, fastApi),
  "400 with the whole body": json(400, (body) => ({ detail: body })),
  "400 with the body in Python quotes": json(400, (body) => ({
    detail: `b'${body.replaceAll("\n", "\\n")}'`,
  })),
  "400 with the body as JSON": json(400, (body) => ({ detail: JSON.stringify({ body }) })),
  ...Object.fromEntries(
    [400, 401, 402, 403, 404, 409, 413, 422, 429, 466, 467, 468, 500, 502, 503, 504].map((status) => [
      `${status} structured`,
      json(status, structured),
    ]),
  ),
  "500 in plain text": (body, response) => response.writeHead(500).end(body),
  "502 of a proxy": (body, response) =>
    response.writeHead(502, { "content-type": "text/html" }).end(`<html><pre>${body}</pre></html>`),
  "a redirect": (body, response) =>
    response.writeHead(307, { location: `https://elsewhere.invalid/?${encodeURIComponent(body)}` }).end(body),
  "a broken connection": (_body, _response, request) => request.socket.destroy(),
  "half of a response": (body, response, request) => {
    response.writeHead(202, { "content-length": "100000" }).write(body);
    setTimeout(() => request.socket.destroy(), 10);
  },
  "no response in time": () => undefined,
};

/** Start an upstream that responds to writes with `reply`. Collects parts of sealed environments in `sealed`. */
export async function startEchoingUpstream(reply: Reply, sealed: string[], received: string[] = []) {
  return serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const made = /"encrypted_env":"([0-9a-f]+)"/.exec(body)?.[1];
      if (made !== undefined) sealed.push(made.slice(0, 16), made.slice(-16), made.slice(100, 116));
      if (request.method !== "GET") {
        received.push(request.url ?? "");
        return reply(body, response, request);
      }
      response.writeHead(200, { "content-type": "application/json" });
      if (request.url?.includes("/compose_file?")) {
        return response.end(
          JSON.stringify({ name: id, docker_compose_file: "services: {}", allowed_envs: ["TOKEN"] }),
        );
      }
      const kms_info = { encrypted_env_pubkey: `09${"00".repeat(31)}` };
      response.end(JSON.stringify({ id: "cvm_1", name: id, resource: {}, status: "running", kms_info }));
    });
  });
}
