import { type Dispatcher, Pool } from "undici";
import { z } from "zod";
import { countEvent, type Received } from "./types.ts";

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.looseObject({
          code: z.string(),
          retryable: z.boolean().optional(),
          upstream: z.looseObject({ status: z.number().optional() }).optional(),
        }),
      }),
    )
    .optional(),
});

/** One GraphQL answer. */
export type Answer = z.output<typeof answerSchema>;

/** An operation of one client. The number of the client chooses the gateway. */
export type ClientOperation = {
  readonly client: number;
  readonly key: string;
  readonly query: string;
  readonly variables: unknown;
};

/** Create the functions that send operations to some gateways. */
export function createRequests(urls: readonly [string, ...string[]], received: Received) {
  const pools = urls.map(
    (url) =>
      new Pool(url, { connections: null, bodyTimeout: 0, headersTimeout: 120_000, connectTimeout: 60_000 }),
  );

  function open(
    { client, key, query, variables }: ClientOperation,
    accept: string,
    signal?: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const pool = pools[client % pools.length];
    if (pool === undefined) throw new Error("There is no gateway.");
    return pool.request({
      path: "/graphql",
      method: "POST",
      headers: { "content-type": "application/json", accept, "x-api-key": key },
      body: JSON.stringify({ query, variables }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  return {
    open,
    async ask(operation: ClientOperation): Promise<Answer> {
      const reply = await open(operation, "application/json");
      const text = await reply.body.text();
      if (reply.statusCode >= 500 && reply.statusCode !== 503)
        received.problems.push(`HTTP ${reply.statusCode}: ${text}`);
      const answer = answerSchema.parse(JSON.parse(text));
      for (const { extensions, message } of answer.errors ?? []) {
        countEvent(received, extensions.code);
        if (extensions.code === "INTERNAL_SERVER_ERROR") received.problems.push(message);
      }
      return answer;
    },
    close: () => Promise.all(pools.map((pool) => pool.destroy())),
  };
}

/** The functions that send operations. */
export type Requests = ReturnType<typeof createRequests>;
