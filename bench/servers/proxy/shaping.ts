import { shapeChange, shapeFour, shapeOne, shapePage, shapePageWithState } from "../../queries/shape.ts";
import type { CvmPageWire, CvmWire } from "../../queries/wire.ts";
import { listen, type ProxyRequest } from "./listen.ts";
import { call } from "./rest.ts";

/*
 * Shaping proxy: the raw proxy plus what every GraphQL server has to do with the data: parse the answers of the
 * REST API, pick the fields and write them as JSON. It has code for these five queries only.
 */

const parse = async (text: Promise<Buffer>) => JSON.parse((await text).toString());

async function shape({ name, apiKey, variables }: ProxyRequest): Promise<unknown> {
  const { id = "", first = 0, input } = variables;
  const pagePath = `/cvms/paginated?page=1&page_size=${first}`;
  switch (name) {
    case "Q1":
      return shapeOne(await parse(call(apiKey, `/cvms/${id}`)));
    case "Q2": {
      const paths = ["", "/compose_file", "/network", "/stats"];
      const [cvm, compose, network, stats] = await Promise.all(
        paths.map((path) => parse(call(apiKey, `/cvms/${id}${path}`))),
      );
      return shapeFour(cvm, compose, network, stats);
    }
    case "Q3":
      return shapePage(await parse(call(apiKey, pagePath)));
    case "Q3S": {
      const page: CvmPageWire = await parse(call(apiKey, pagePath));
      const body = { vm_uuids: page.items.map((cvm: CvmWire) => cvm.vm_uuid) };
      return shapePageWithState(page, await parse(call(apiKey, "/status/batch", { method: "POST", body })));
    }
    case "M1": {
      const body = { vcpu: input?.vcpu, memory: input?.memoryMb };
      return shapeChange(await parse(call(apiKey, `/cvms/${input?.id}`, { method: "PATCH", body })));
    }
  }
}

listen(async (request) => JSON.stringify({ data: await shape(request) }));
