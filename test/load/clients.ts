import { Pool } from "undici";
import { z } from "zod";
import type { Random } from "../support/random.ts";

/** A CVM of the load, and the key of its workspace. */
export type LoadedCvm = { readonly key: string; readonly id: string; readonly name: string };

/** What a client was told of a write. Only `refused` promises that nothing was applied. */
export type WriteAnswer =
  | { readonly kind: "accepted"; readonly status: string; readonly correlationId: string | null }
  | { readonly kind: "unknown" | "refused"; readonly code: string }
  | { readonly kind: "unanswered"; readonly startedAt: number; readonly reason: string };

/** One change, which several requests ask for where it has an idempotency key. */
export type WriteRecord = {
  /** The body by which proxy and journal know it, with its path. */
  readonly marker: string;
  readonly cvm: LoadedCvm;
  readonly changes: boolean;
  readonly keyed: boolean;
  readonly answers: WriteAnswer[];
};

/** Everything that the clients heard. */
export type Heard = {
  readonly writes: WriteRecord[];
  readonly counts: Record<string, number>;
  readonly problems: string[];
  readonly unansweredReads: { readonly startedAt: number; readonly reason: string }[];
};

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

const acceptedSchema = z.object({
  configureCvm: z.object({ status: z.string(), correlationId: z.string().nullable() }),
});

const WRITE = `mutation ($input: ConfigureCvmInput!) {
  configureCvm(input: $input) { ... on InProgress { status correlationId } }
}`;
const READS = [
  "query ($id: ID!) { cvm(id: $id) { id name status resources { vcpu } } }",
  "query ($id: ID!) { cvm(id: $id) { id name compose { hash } operations(first: 3) { nodes { id } } } }",
  "query ($id: ID!) { cvm(id: $id) { id name state { status } userConfig { hostname } } cvms(first: 5) { totalCount } }",
] as const;
const WATCH = "subscription ($id: ID!) { cvmState(id: $id) { status bootProgress } }";

/** Clients of some gateways, which keep what they hear. */
export function createClients(
  urls: readonly [string, ...string[]],
  cvms: readonly [LoadedCvm, ...LoadedCvm[]],
  random: Random,
) {
  const pools = urls.map(
    (url) =>
      new Pool(url, { connections: null, bodyTimeout: 0, headersTimeout: 120_000, connectTimeout: 60_000 }),
  );
  const heard: Heard = { writes: [], counts: {}, problems: [], unansweredReads: [] };
  const timeouts = new Map<LoadedCvm, number>();
  const count = (name: string) => {
    heard.counts[name] = (heard.counts[name] ?? 0) + 1;
  };

  function open(
    client: number,
    key: string,
    query: string,
    variables: unknown,
    accept: string,
    signal?: AbortSignal,
  ) {
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

  async function ask(client: number, key: string, query: string, variables: unknown) {
    const reply = await open(client, key, query, variables, "application/json");
    const text = await reply.body.text();
    if (reply.statusCode >= 500 && reply.statusCode !== 503)
      heard.problems.push(`HTTP ${reply.statusCode}: ${text}`);
    const answer = answerSchema.parse(JSON.parse(text));
    for (const { extensions, message } of answer.errors ?? []) {
      count(extensions.code);
      if (extensions.code === "INTERNAL_SERVER_ERROR") heard.problems.push(message);
    }
    return answer;
  }

  /** Says what the answer to a write promises. A 5xx that is passed on says itself that it promises nothing. */
  function readWriteAnswer(answer: z.output<typeof answerSchema>): WriteAnswer {
    const [error] = answer.errors ?? [];
    if (error === undefined) return { kind: "accepted", ...acceptedSchema.parse(answer.data).configureCvm };
    const { code, retryable, upstream } = error.extensions;
    // Of a write that was sent; a read before it that failed with a 5xx is retryable.
    const failed = (upstream?.status ?? 0) >= 500 && retryable === false;
    const open = code === "OUTCOME_UNKNOWN" || code === "UPSTREAM_MALFORMED" || failed;
    return { kind: open ? "unknown" : "refused", code };
  }

  async function sendWrite(client: number, record: WriteRecord, input: unknown): Promise<void> {
    const startedAt = performance.now();
    count("write requests");
    try {
      record.answers.push(readWriteAnswer(await ask(client, record.cvm.key, WRITE, { input })));
    } catch (error) {
      record.answers.push({ kind: "unanswered", startedAt, reason: String(error) });
    }
  }

  async function write(client: number): Promise<void> {
    const cvm = random.pick(cvms);
    const changes = random.chance(0.9);
    const timeout = (timeouts.get(cvm) ?? 9) + 1;
    // The sandbox takes time-outs of 10 to 1,200 s and keeps none, so such a write changes nothing.
    const change =
      changes || timeout > 1_200
        ? { userConfig: JSON.stringify({ hostname: `host-${heard.writes.length}` }) }
        : { shutdownTimeoutSeconds: timeout };
    const body = "userConfig" in change ? { user_config: change.userConfig } : { shutdown_timeout: timeout };
    if (!("userConfig" in change)) timeouts.set(cvm, timeout);
    const keyed = random.chance(0.6);
    const marker = `${cvm.id} ${JSON.stringify(body)}`;
    const record: WriteRecord = { marker, cvm, changes: "userConfig" in change, keyed, answers: [] };
    heard.writes.push(record);
    const input = {
      id: cvm.id,
      ...change,
      ...(keyed ? { idempotencyKey: marker } : {}),
      ...(random.chance(0.2) ? { waitIfBusySeconds: 2 } : {}),
    };
    const parallel = keyed ? random.below(3) : 0;
    const later = keyed ? random.below(3) : 0;
    await Promise.all(
      Array.from({ length: 1 + parallel }, (_, index) => sendWrite(client + index, record, input)),
    );
    for (let index = 1; index <= later; index += 1) await sendWrite(client + index, record, input);
  }

  async function read(client: number): Promise<void> {
    const cvm = random.pick(cvms);
    const startedAt = performance.now();
    count("read requests");
    try {
      const { data } = await ask(client, cvm.key, random.pick(READS), { id: cvm.id });
      const seen = z.object({ id: z.string(), name: z.string() }).nullish().parse(data?.["cvm"]);
      if (seen && (seen.id !== cvm.id || seen.name !== cvm.name))
        heard.problems.push("Another CVM was answered.");
    } catch (error) {
      heard.unansweredReads.push({ startedAt, reason: String(error) });
    }
  }

  async function follow(client: number): Promise<void> {
    const cvm = random.pick(cvms);
    count("subscriptions");
    const signal = AbortSignal.timeout(200 + random.below(2_000));
    try {
      const { body } = await open(client, cvm.key, WATCH, { id: cvm.id }, "text/event-stream", signal);
      for await (const chunk of body) {
        const text = String(chunk);
        if (text.includes("INTERNAL_SERVER_ERROR")) heard.problems.push(text);
        if (text.includes("event: next")) count("subscription events");
      }
    } catch {
      // Left, or the gateway ended.
    }
  }

  return {
    heard,
    /** Runs one connection's clients, one request after another, while `goesOn` holds. */
    async run(client: number, goesOn: () => boolean): Promise<void> {
      while (goesOn()) {
        if (client % 5 === 0) await follow(client);
        else if (random.chance(0.4)) await write(client);
        else await read(client);
      }
    },
    close: () => Promise.all(pools.map((pool) => pool.destroy())),
  };
}
