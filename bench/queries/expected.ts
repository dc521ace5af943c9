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

/** Data that a query has to answer while the REST API is at `tick`. */
export function expectData(query: QueryName, cvmId: string, tick: number): unknown {
  const index = indexOf(cvmId);
  const page = () => JSON.parse(renderPage(1, PAGE_SIZE, tick));
  switch (query) {
    case "Q1":
      return shapeOne(JSON.parse(renderCvm(index, tick)));
    case "Q2":
      return shapeFour(
        JSON.parse(renderCvm(index, tick)),
        JSON.parse(renderComposeFile(index, tick)),
        JSON.parse(renderNetwork(index, tick)),
        JSON.parse(renderStats(index, tick)),
      );
    case "Q3":
      return shapePage(page());
    case "Q3S": {
      const uuids = page().items.map((cvm: { vm_uuid: string }) => cvm.vm_uuid);
      return shapePageWithState(page(), JSON.parse(renderStatusBatch(uuids, tick)));
    }
    case "M1":
      return shapeChange(JSON.parse(renderChange(index, NEW_VCPU, tick)));
  }
}
