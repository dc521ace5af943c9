import { Agent, type Dispatcher } from "undici";

const BASE_URL = process.env["UPSTREAM_URL"] ?? "";
const { origin, pathname } = new URL(BASE_URL);

const reads = new Agent({ connections: 128 });

/** Each write has a connection of its own, as in the gateway, unless `POOLED_WRITES` is set. */
const writes = process.env["POOLED_WRITES"] === "true" ? reads : new Agent({ pipelining: 0 });

type Call = { readonly method?: "PATCH" | "POST"; readonly body?: unknown };

/** Call the REST API with the caller's key. */
export async function call(apiKey: string, path: string, { method, body }: Call = {}): Promise<Buffer> {
  const options: Dispatcher.RequestOptions = {
    origin,
    path: `${pathname}${path}`,
    method: method ?? "GET",
    headers: {
      "x-api-key": apiKey,
      "x-phala-version": "2026-05-22",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  };
  const answer = await (method === "PATCH" ? writes : reads).request(options);
  if (answer.statusCode >= 300) throw new Error(`The REST API answered ${answer.statusCode}.`);
  return Buffer.from(await answer.body.arrayBuffer());
}
