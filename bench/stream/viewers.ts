import { WebSocket } from "ws";

/*
 * Open subscriptions and hold them, in a separate process so that they do not count as memory of the gateway.
 * Arguments: the URL of /graphql, the transport and the number of subscriptions. Print a line when every
 * subscription has received its first state.
 */

const [url = "", transport = "", count = "0"] = process.argv.slice(2);
const QUERY = "subscription ($id: ID!) { cvmState(id: $id) { status bootProgress } }";

async function openOverHttp(accept: string, id: string): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept, "x-api-key": "sandbox-bench" },
    body: JSON.stringify({ query: QUERY, variables: { id } }),
  });
  const reader = response.body?.getReader();
  for (let text = ""; !text.includes("RUNNING"); ) {
    text += new TextDecoder().decode((await reader?.read())?.value);
  }
  void (async () => {
    while (!(await reader?.read())?.done);
  })();
}

function openOverWebSocket(id: string): Promise<void> {
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
  const payload = { query: QUERY, variables: { id } };
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("open", () => {
      socket.send(JSON.stringify({ type: "connection_init", payload: { "X-API-Key": "sandbox-bench" } }));
    });
    socket.on("message", (data) => {
      const { type } = JSON.parse(String(data));
      if (type === "connection_ack") socket.send(JSON.stringify({ type: "subscribe", id: "1", payload }));
      if (type === "next") resolve();
    });
  });
}

for (let opened = 0; opened < Number(count); opened += 50) {
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const id = `fleet-${String((index % 12) + 1).padStart(2, "0")}`;
      if (transport === "ws") return openOverWebSocket(id);
      return openOverHttp(transport, id);
    }),
  );
}
process.stdout.write("open\n");
setInterval(() => undefined, 60_000);
