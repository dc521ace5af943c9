import { mkdir, readFile, rename, rmdir } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { startSandbox } from "../../../sandbox/server.ts";
import { loadAccess } from "../../../src/access/access.ts";
import { openAuditLog } from "../../../src/access/audit.ts";
import { createLogger } from "../../../src/logger.ts";
import { ask, createGateway } from "../gateway.ts";
import { startProxy } from "../upstream/proxy.ts";
import type { Reply } from "../upstream/reply.ts";
import { createRules, type Rules, SERVER_KEYS, writeAccessFile } from "./access-file.ts";
import { startProvider } from "./provider.ts";

const readVariable = (name: string) => (name === "STAGING_KEY" ? SERVER_KEYS.staging : undefined);

/** A call to the REST API as it was sent. */
export type SentCall = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
};

/** Return the calls that change something. */
export function listWrites(calls: readonly SentCall[]): SentCall[] {
  return calls.filter(({ method, path }) => method !== "GET" && !/^\/status|\/is-allowed$/.test(path));
}

/** Answers a call in place of the REST API. */
type AnswerCall = (call: SentCall, forward: () => Promise<Reply>) => Promise<Reply>;

/** What a test may set. */
export type SignInOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly logs?: string[];
  /** Whether writes are recorded. They are by default. */
  readonly isAudited?: boolean;
  /** Changes the access file. */
  readonly change?: (rules: Rules) => object;
};

/** Start a provider, a sandbox whose clock is stopped, and a gateway with an access file. */
export async function startSignIn(options: SignInOptions = {}) {
  const { environment = {}, logs, isAudited = true, change = (rules) => rules } = options;
  const provider = await startProvider();
  const file = await writeAccessFile(change(createRules(provider.issuer)));
  const sandbox = await startSandbox({ timeScale: 0 });
  const auditPath = join(file.folder, "audit.log");
  const log = createLogger(logs === undefined ? "silent" : "trace", {
    write: (line) => void logs?.push(line),
  });
  const access = await loadAccess(file.path, readVariable, log);
  const audit = await openAuditLog(isAudited ? auditPath : "off", log);
  const sent: SentCall[] = [];
  const upstream: { answer: AnswerCall } = { answer: (_call, forward) => forward() };
  const proxy = await startProxy(sandbox.url, async (exchange) => {
    const { method, path, headers } = exchange;
    const call = { method, path, headers };
    sent.push(call);
    exchange.reply(await upstream.answer(call, exchange.forward));
  });
  const gateway = createGateway(proxy.url, {
    environment: { WATCH_INTERVAL_MS: "20", ...environment },
    ...(logs && { logs }),
    access,
    audit,
  });
  const server = await gateway.listen();
  return {
    ...gateway,
    provider,
    file,
    access,
    sandbox,
    /** A test may delay or change answers of the REST API. */
    upstream,
    url: `${server.url}/graphql`,
    /** Send an operation with a token and other headers. */
    ask: (
      token: string | null,
      query: string,
      variables: Readonly<Record<string, unknown>> = {},
      headers: Readonly<Record<string, string>> = {},
    ) =>
      ask(gateway.app, query, variables, {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      }),
    /** Return the calls to the REST API since the last look, with all their headers. */
    takeCalls: (): SentCall[] => sent.splice(0),
    /** Advance the sandbox's clock, so that operations end. */
    advance: (ms: number) =>
      fetch(`${sandbox.origin}/__sandbox/advance`, { method: "POST", body: JSON.stringify({ ms }) }),
    /** Put a folder in the place of the audit log, so that no line can be written. */
    async breakAuditLog(): Promise<void> {
      await rename(auditPath, `${auditPath}.moved`).catch(() => undefined);
      await mkdir(auditPath);
    },
    /** Remove what {@link breakAuditLog} did. */
    mendAuditLog: () => rmdir(auditPath),
    /** The lines of the audit log. */
    // biome-ignore lint/suspicious/noExplicitAny: tests read lines of any shape
    async readAudit(): Promise<any[]> {
      const text = await readFile(auditPath, "utf8");
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    },
    async [Symbol.asyncDispose]() {
      await server.drain(0);
      await gateway.close();
      await proxy[Symbol.asyncDispose]();
      await sandbox.close();
      await provider[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    },
  };
}

/** A running gateway with sign-in. */
export type SignInGateway = Awaited<ReturnType<typeof startSignIn>>;
