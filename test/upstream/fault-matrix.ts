import type { Socket } from "node:net";
import { type Fault, reply, writeReply } from "../support/upstream/raw.ts";
import { precondition } from "../support/upstream/scripted.ts";

type Expected = {
  readonly code: string | null;
  /** Type of the result, where there is no code. `OnChainHashRequired`, if left out. */
  readonly outcome?: string;
  readonly sends: number;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
};

const reset = (socket: Socket) => void socket.resetAndDestroy();
const nothing = (): void => undefined;
const detail = { detail: "x" };
const html = (status: number): Fault => reply(status, "<html>Bad</html>", { "content-type": "text/html" });

/** Rows: the name, the behaviour of the upstream, the result of a read and the result of a write. */
export const matrix: readonly (readonly [string, Fault, Expected, Expected])[] = [
  [
    "a reset before the body",
    { onHeaders: reset },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a reset after the body",
    { onRequest: reset },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "an end without a response",
    { onRequest: (socket) => void socket.end() },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a hang before the headers",
    { onRequest: nothing },
    { code: "UPSTREAM_TIMEOUT", sends: 1, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a hang after the headers",
    { onRequest: (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n") },
    { code: "UPSTREAM_TIMEOUT", sends: 1, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a trickle",
    {
      onRequest(socket) {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        const timer = setInterval(() => socket.write(" "), 20);
        socket.on("close", () => clearInterval(timer));
      },
    },
    { code: "UPSTREAM_TIMEOUT", sends: 1, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a body that ends too early",
    {
      onRequest(socket) {
        writeReply(socket, 200, '{"id":', { "content-length": 500 });
        socket.end();
      },
    },
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a content-length that is too small",
    reply(200, JSON.stringify({ id: "cvm_1", status: "no_change" }), { "content-length": 5 }),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
  [
    "data that is not HTTP",
    { onRequest: (socket) => void socket.end("SSH-2.0-OpenSSH_9.7\r\n") },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "invalid JSON",
    reply(200, '{"id": cvm_'),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
  [
    "JSON of another schema",
    reply(200, { id: 7, status: 7 }),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: null, outcome: "InProgress", sends: 1 },
  ],
  [
    "an HTML 502",
    html(502),
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "an HTML 504",
    html(504),
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "OUTCOME_UNKNOWN", sends: 1, retryable: false },
  ],
  [
    "a 503",
    reply(503, detail),
    { code: "UPSTREAM_UNAVAILABLE", sends: 3, retryable: true },
    { code: "UPSTREAM_UNAVAILABLE", sends: 1, retryable: false },
  ],
  [
    "a 500",
    reply(500, detail),
    { code: "UPSTREAM_UNAVAILABLE", sends: 1, retryable: true },
    { code: "UPSTREAM_UNAVAILABLE", sends: 1, retryable: false },
  ],
  [
    "an empty 401",
    reply(401, ""),
    { code: "UNAUTHENTICATED", sends: 1, retryable: false },
    { code: "UNAUTHENTICATED", sends: 1, retryable: false },
  ],
  [
    "a 429 without Retry-After",
    reply(429, detail),
    { code: "RATE_LIMITED", sends: 3, retryable: true },
    { code: "RATE_LIMITED", sends: 1, retryable: true },
  ],
  [
    "a 429 with a short Retry-After",
    reply(429, detail, { "retry-after": 0 }),
    { code: "RATE_LIMITED", sends: 3, retryable: true, retryAfterMs: 0 },
    { code: "RATE_LIMITED", sends: 1, retryable: true, retryAfterMs: 0 },
  ],
  [
    "a 429 with a Retry-After beyond the budget",
    reply(429, detail, { "retry-after": 30 }),
    { code: "RATE_LIMITED", sends: 1, retryable: true, retryAfterMs: 30_000 },
    { code: "RATE_LIMITED", sends: 1, retryable: true, retryAfterMs: 30_000 },
  ],
  [
    "a 409 without an error code",
    reply(409, { detail: "Another operation is already in progress" }),
    { code: "OPERATION_IN_PROGRESS", sends: 1, retryable: true, retryAfterMs: 3000 },
    // The second call reads which operation is running.
    { code: "OPERATION_IN_PROGRESS", sends: 2, retryable: true, retryAfterMs: 3000 },
  ],
  [
    "a 409 with an error code",
    reply(409, { error_code: "ERR-03-007", message: "conflict" }),
    { code: "CONFLICT", sends: 1, retryable: false },
    { code: "CONFLICT", sends: 1, retryable: false },
  ],
  [
    "a structured 465",
    reply(465, {
      error_code: "ERR-01-005",
      message: "register it",
      details: Object.entries(precondition).map(([field, value]) => ({ field, value })),
    }),
    { code: "UPSTREAM_REFUSED", sends: 1, retryable: false },
    { code: null, sends: 1 },
  ],
  [
    "a flat 465",
    reply(465, { message: "register it", ...precondition }),
    { code: "UPSTREAM_REFUSED", sends: 1, retryable: false },
    { code: null, sends: 1 },
  ],
  ...(
    [
      [466, "HASH_INVALID_OR_EXPIRED"],
      [467, "TRANSACTION_NOT_VERIFIED"],
      [468, "HASH_NOT_ALLOWED"],
    ] as const
  ).map(
    ([status, code]) =>
      [
        `a ${status}`,
        reply(status, { error_code: "ERR-01-006", message: "no" }),
        { code, sends: 1, retryable: status !== 466 },
        { code, sends: 1, retryable: status !== 466 },
      ] as const,
  ),
  [
    "a declared length above the size limit",
    reply(200, "{", { "content-length": 9 * 1024 * 1024 }),
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
  [
    "a body above the size limit without a declared length",
    {
      onRequest(socket) {
        socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        const pour = (): void => {
          while (!socket.destroyed && socket.write(" ".repeat(64 * 1024)));
        };
        socket.on("drain", pour);
        pour();
      },
    },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
    { code: "UPSTREAM_MALFORMED", sends: 1, retryable: false },
  ],
];
