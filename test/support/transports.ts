import { WebSocket } from "ws";

/** What one operation answers on any transport. */
export type Reply = {
  // biome-ignore lint/suspicious/noExplicitAny: tests read data of any shape
  readonly data?: any;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
};

/** Sends operations over one transport, on one connection where the transport has one. */
export type Sender = AsyncDisposable & {
  /** Send the parameters of an operation as they are. @returns its first result */
  send(params: unknown): Promise<Reply>;
  /** Start an operation next to others of the same connection. */
  follow?(params: unknown, onReply: (reply: Reply) => void): Promise<void>;
};

const JSON_HEADERS = { "content-type": "application/json" };

/** Read the first result of an event stream that does not end. */
async function readEvents(
  response: Response,
  onEvent: (event: string, data: string) => boolean,
): Promise<void> {
  if (response.body === null) throw new TypeError("The answer has no body.");
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, event = "", data = ""] = /^event: (\w+)\ndata: ?(.*)$/s.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (event !== "" && onEvent(event, data)) return;
    }
  }
}

function sendByPost(accept: string, read: (response: Response) => Promise<Reply>) {
  return async (url: string, headers: Readonly<Record<string, string>>): Promise<Sender> => ({
    async send(params) {
      const body = JSON.stringify(params);
      return read(
        await fetch(url, { method: "POST", headers: { ...JSON_HEADERS, accept, ...headers }, body }),
      );
    },
    async [Symbol.asyncDispose]() {},
  });
}

async function readFirstEvent(response: Response): Promise<Reply> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response.json();
  let first: Reply = {};
  await readEvents(response, (event, data) => {
    if (event === "next") first = JSON.parse(data);
    return true;
  });
  return first;
}

async function openSingleConnection(url: string, headers: Readonly<Record<string, string>>): Promise<Sender> {
  const token = await (await fetch(url, { method: "PUT", headers })).text();
  const client = new AbortController();
  const waiting = new Map<string, (reply: Reply) => void>();
  const stream = await fetch(`${url}?token=${token}`, {
    headers: { ...headers, accept: "text/event-stream" },
    signal: client.signal,
  });
  readEvents(stream, (event, data) => {
    const { id, payload } = JSON.parse(data);
    if (event === "next") waiting.get(id)?.(payload);
    return false;
  }).catch(() => undefined);
  let count = 0;
  const follow = async (params: unknown, onReply: (reply: Reply) => void) => {
    const id = String(++count);
    waiting.set(id, onReply);
    const sent = Object(params);
    const extensions = { ...Object(sent.extensions), operationId: id };
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, ...JSON_HEADERS, "x-graphql-event-stream-token": token },
      body: JSON.stringify({ ...sent, extensions }),
    });
    if (response.status !== 202) onReply(await response.json());
  };
  return {
    follow,
    send: (params) => new Promise((resolve, reject) => follow(params, resolve).catch(reject)),
    async [Symbol.asyncDispose]() {
      client.abort();
    },
  };
}

async function openWebSocket(url: string, headers: Readonly<Record<string, string>>): Promise<Sender> {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
  const waiting = new Map<string, (reply: Reply) => void>();
  const acknowledged = Promise.withResolvers<void>();
  socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: headers })));
  socket.on("error", acknowledged.reject);
  socket.on("close", (code) => {
    for (const resolve of waiting.values()) {
      resolve({ errors: [{ message: `closed with ${code}`, extensions: { code: "SOCKET_CLOSED" } }] });
    }
  });
  socket.on("message", (text) => {
    const { type, id, payload } = JSON.parse(String(text));
    if (type === "connection_ack") acknowledged.resolve();
    if (type === "next") waiting.get(id)?.(payload);
    if (type === "error") waiting.get(id)?.({ errors: payload });
  });
  await acknowledged.promise;
  let count = 0;
  const follow = async (params: unknown, onReply: (reply: Reply) => void) => {
    const id = String(++count);
    waiting.set(id, onReply);
    socket.send(JSON.stringify({ type: "subscribe", id, payload: params }));
  };
  return {
    follow,
    send: (params) => new Promise((resolve) => follow(params, resolve)),
    async [Symbol.asyncDispose]() {
      socket.terminate();
    },
  };
}

const postJson = sendByPost("application/json", (response) => response.json());

/** Open a sender for each transport. The headers say who sends. */
export const transports: Readonly<
  Record<string, (url: string, headers: Readonly<Record<string, string>>) => Promise<Sender>>
> = {
  "HTTP POST": postJson,
  "HTTP POST through Yoga": (url, headers) =>
    postJson(url, { ...headers, "content-type": "application/graphql+json" }),
  "SSE with distinct connections": sendByPost("text/event-stream", readFirstEvent),
  "SSE with a single connection": openSingleConnection,
  WebSocket: openWebSocket,
};
