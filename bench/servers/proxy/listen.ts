import { createServer, type IncomingMessage } from "node:http";
import { QUERY_NAMES, type QueryName } from "../../queries/queries.ts";

/** What a proxy needs of a GraphQL request. It knows the queries by name and does not read documents. */
export type ProxyRequest = {
  readonly name: QueryName;
  readonly apiKey: string;
  readonly variables: {
    readonly id?: string;
    readonly first?: number;
    readonly input?: { readonly id: string; readonly vcpu: number; readonly memoryMb: number };
  };
};

function readBody(request: IncomingMessage, onBody: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => onBody(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
}

function parseRequest(request: IncomingMessage, body: Buffer): ProxyRequest {
  const { operationName, variables } = JSON.parse(body.toString());
  const name = QUERY_NAMES.find((query) => query === operationName);
  const apiKey = request.headers["x-api-key"];
  if (name === undefined || typeof apiKey !== "string") throw new TypeError("unexpected request");
  return { name, apiKey, variables };
}

/** Start a node:http server on the port of `PORT` that answers each request with a JSON text. */
export function listen(answer: (request: ProxyRequest) => Promise<string | Buffer>): void {
  const server = createServer((request, response) => {
    readBody(request, async (body) => {
      try {
        const text = await answer(parseRequest(request, body));
        response.writeHead(200, {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        });
        response.end(text);
      } catch (error) {
        console.error(error);
        response.writeHead(500).end();
      }
    });
  });
  server.listen(Number(process.env["PORT"]), "127.0.0.1");
}
