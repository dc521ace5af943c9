import {
  indexOf,
  renderChange,
  renderComposeFile,
  renderCvm,
  renderNetwork,
  renderPage,
  renderStats,
  renderStatusBatch,
} from "../upstream/render.ts";
import { NEW_VCPU, PAGE_SIZE, type QueryName } from "./queries.ts";
import { shapeChange, shapeFour, shapeOne, shapePage, shapePageWithState } from "./shape.ts";

const parse = (text: string | Buffer) => JSON.parse(text.toString());

/** Data that a query has to answer while the REST API is at `tick`. */
export function expectData(query: QueryName, cvmId: string, tick: number): unknown {
  const index = indexOf(cvmId);
  const page = () => parse(renderPage(1, PAGE_SIZE, tick));
  switch (query) {
    case "Q1":
      return shapeOne(parse(renderCvm(index, tick)));
    case "Q2":
      return shapeFour(
        parse(renderCvm(index, tick)),
        parse(renderComposeFile(index, tick)),
        parse(renderNetwork(index, tick)),
        parse(renderStats(index, tick)),
      );
    case "Q3":
      return shapePage(page());
    case "Q3S": {
      const uuids = page().items.map((cvm: { vm_uuid: string }) => cvm.vm_uuid);
      return shapePageWithState(page(), parse(renderStatusBatch(uuids, tick)));
    }
    case "M1":
      return shapeChange(parse(renderChange(index, NEW_VCPU, tick)));
  }
}
