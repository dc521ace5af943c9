import { listen, type ProxyRequest } from "./listen.ts";
import { call } from "./rest.ts";

/*
 * Raw proxy: node:http and undici. It joins the answers of the REST API without parsing them. It is the lower
 * bound for the cost of any server between a client and the REST API. Q3S is an exception: its second call needs
 * ids of the first answer.
 */

/** Put texts into an object with the given names. */
function join(parts: Readonly<Record<string, Buffer>>): Buffer {
  const chunks = Object.entries(parts).flatMap(([name, text], index) => [
    Buffer.from(`${index === 0 ? "{" : ","}"${name}":`),
    text,
  ]);
  return Buffer.concat([...chunks, Buffer.from("}")]);
}

async function answerFour(key: string, id: string): Promise<Buffer> {
  const [cvm, compose, network, stats] = await Promise.all([
    call(key, `/cvms/${id}`),
    call(key, `/cvms/${id}/compose_file`),
    call(key, `/cvms/${id}/network`),
    call(key, `/cvms/${id}/stats`),
  ]);
  return join({ cvm, compose, network, stats });
}

async function answerPageWithState(key: string, first: number): Promise<Buffer> {
  const page = await call(key, `/cvms/paginated?page=1&page_size=${first}`);
  const { items } = JSON.parse(page.toString());
  const ids = items.map((item: { vm_uuid: string }) => item.vm_uuid);
  const states = await call(key, "/status/batch", { method: "POST", body: { vm_uuids: ids } });
  return join({ page, states });
}

async function answer({ name, apiKey, variables }: ProxyRequest): Promise<Buffer> {
  const { id = "", first = 0, input } = variables;
  switch (name) {
    case "Q1":
      return call(apiKey, `/cvms/${id}`);
    case "Q2":
      return answerFour(apiKey, id);
    case "Q3":
      return call(apiKey, `/cvms/paginated?page=1&page_size=${first}`);
    case "Q3S":
      return answerPageWithState(apiKey, first);
    case "M1":
      return call(apiKey, `/cvms/${input?.id}`, {
        method: "PATCH",
        body: { vcpu: input?.vcpu, memory: input?.memoryMb },
      });
  }
}

listen(answer);
