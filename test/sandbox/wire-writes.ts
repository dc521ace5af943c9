import { expect } from "vitest";
import { ask, createGateway, type JournalEntry } from "../support/gateway.ts";
import { startTestSandbox, type TestSandbox } from "../support/sandbox-client.ts";

/** The official SDK, pointed at a sandbox. */
export type Client = TestSandbox["client"];

/** A write as the sandbox received it. */
type Write = { method: string; path: string; headers: Record<string, string>; body: unknown };

/** Headers of a write that the REST API reads. */
const HEADERS = ["content-type", "x-compose-hash", "x-transaction-hash", "x-prepare-only"];

/** Intended differences between the writes of the gateway and of the SDK, with their reason. */
export const DIFFERENCES: Readonly<Record<string, { reason: string; adapt(sdkWrite: Write): Write }>> = {
  updateCvmResources: {
    reason: "The SDK sends the identifier among the resources.",
    adapt({ body, ...rest }) {
      const { id: _id, ...resources } = body as Record<string, unknown>;
      return { ...rest, body: resources };
    },
  },
  "a call without a body": {
    reason: "The SDK sends a content type with requests that have no body.",
    adapt({ headers, ...rest }) {
      const { "content-type": _type, ...others } = headers;
      return { ...rest, headers: others };
    },
  },
  "an instance id": {
    reason:
      "The SDK sends any 40 hex digits as an app id, also those of an instance. The gateway tells them apart.",
    adapt: (write) => ({ ...write, path: write.path.replace("app_", "instance_") }),
  },
};

/** Pick the writes of a journal, with the headers that the REST API reads. */
export function pickWrites(journal: readonly Omit<JournalEntry, "query">[]): Write[] {
  return (
    journal
      // `is-allowed` reads, although it is a POST.
      .filter(({ method, path }) => method !== "GET" && !path.endsWith("/is-allowed"))
      .map(({ method, path, headers, body }) => ({
        method,
        path,
        headers: Object.fromEntries(
          HEADERS.flatMap((name) => {
            const value = headers[name];
            return value === undefined ? [] : [[name, value.replace(/;\s*charset=utf-8$/i, "")]];
          }),
        ),
        body,
      }))
  );
}

/** Record the writes that a gateway sends. */
export async function recordGateway(
  run: (send: (query: string, input: object) => Promise<unknown>) => Promise<unknown>,
) {
  await using sandbox = await startTestSandbox();
  const { app, close } = createGateway(sandbox.url);
  try {
    await run(async (query, input) => {
      const answer = await ask(app, query, { input }, { "x-api-key": "sandbox-demo" });
      expect(answer.errors).toBeUndefined();
      return answer.data;
    });
    return pickWrites((await sandbox.journal()) as JournalEntry[]);
  } finally {
    await close();
  }
}

/** Record the writes that the SDK sends. */
export async function recordSdk(run: (client: Client, sandbox: TestSandbox) => Promise<unknown>) {
  await using sandbox = await startTestSandbox();
  await run(sandbox.client, sandbox);
  return pickWrites((await sandbox.journal()) as JournalEntry[]);
}

/** Write the document of a mutation with one variable, its input. */
export function mutation(name: string, selection = "__typename"): string {
  const type = { startCvm: "CvmRef", stopCvm: "CvmRef", shutdownCvm: "CvmRef" }[name];
  const input = `${type ?? `${name[0]?.toUpperCase()}${name.slice(1)}`}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${selection} } }`;
}

/** Compare one write. The order of keys in a JSON body does not matter. */
export function expectSame(
  gateway: readonly Write[],
  sdkWrites: readonly Write[],
  difference: string | undefined,
) {
  expect(sdkWrites).toHaveLength(1);
  const known = difference === undefined ? undefined : DIFFERENCES[difference];
  if (known !== undefined)
    expect(gateway, "the difference is listed but does not exist").not.toEqual(sdkWrites);
  expect(gateway).toEqual(known === undefined ? sdkWrites : sdkWrites.map((write) => known.adapt(write)));
}
