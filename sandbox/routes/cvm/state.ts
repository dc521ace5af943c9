import type { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { z } from "zod";
import type { Cvm } from "../../cvm/types.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseQuery } from "../../http/validation.ts";
import { describeState } from "../../wire/state.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";

/** Maximum number of open streams per user. */
const MAX_STREAMS = 5;

const stateQuery = z.looseObject({
  target: z.string().min(1).optional(),
  interval: z.coerce.number().min(5).max(30).default(5),
  timeout: z.coerce.number().min(10).max(600).default(300),
});

type Watch = { readonly target: string; readonly intervalMs: number; readonly timeoutMs: number };

/**
 * Register `GET …/state`: the present state as JSON. With a target, a stream of states every `interval` seconds
 * until the CVM reaches the target.
 */
export function registerCvmState(app: Hono<ApiEnv>, world: World): void {
  app.get("/cvms/:id/state", (c) => {
    const { target, interval, timeout } = parseQuery(stateQuery, c.req.url);
    const cvm = c.get("cvm");
    if (target === undefined) return jsonResponse(200, describeState(cvm, world.clock.now()));
    const workspace = c.get("workspace");
    if (workspace.openStreams >= MAX_STREAMS) {
      throw plainError(429, `At most ${MAX_STREAMS} concurrent state streams are allowed per user`);
    }
    workspace.openStreams += 1;
    const watch = { target, intervalMs: interval * 1000, timeoutMs: timeout * 1000 };
    return streamSSE(c, async (stream) => {
      try {
        await streamState(world, workspace, cvm, watch, stream);
      } finally {
        workspace.openStreams -= 1;
      }
    });
  });
}

async function streamState(
  world: World,
  workspace: Workspace,
  cvm: Cvm,
  { target, intervalMs, timeoutMs }: Watch,
  stream: SSEStreamingApi,
): Promise<void> {
  const { clock } = world;
  const startedAt = clock.now();
  const left = new AbortController();
  stream.onAbort(() => left.abort());
  const send = (event: string, data: object) => stream.writeSSE({ event, data: JSON.stringify(data) });

  while (!left.signal.aborted && !clock.stopped) {
    const now = clock.now();
    const elapsed = (now - startedAt) / 1000;
    if (!workspace.cvms.includes(cvm)) return send("error", { error: "CVM not found", elapsed });
    const state = describeState(cvm, now);
    await send("state", state);
    if (state.status === target) return send("complete", { status: state.status, elapsed, target });
    if (now - startedAt >= timeoutMs) {
      return send("timeout", { error: "Timed out waiting for the target status", elapsed, target });
    }
    await clock.waitUntil(Math.min(now + intervalMs, startedAt + timeoutMs), left.signal);
  }
}
