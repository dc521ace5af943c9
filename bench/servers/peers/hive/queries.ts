import { NEW_VCPU, PAGE_SIZE, type QueryName } from "../../../queries/queries.ts";
import { shapeChange, shapeFour, shapeOne, shapePage, shapePageWithState } from "../../../queries/shape.ts";
import type { CvmWire, StateWire } from "../../../queries/wire.ts";

/*
 * Hive Gateway serves the names of the OpenAPI document. The same queries in these names, and the conversion of
 * the answers for the check.
 */

const ITEM = `id name status app_id vm_uuid instance_id in_progress created_at
      resource { vcpu memory_in_gb disk_in_gb }`;

const documents: Readonly<Record<QueryName, string>> = {
  Q1: "query Q1($id: String!) { cvm(id: $id) { id name status } }",
  Q2: `query Q2($id: String!) {
  cvm(id: $id) {
    id name status
    resource { vcpu memory_in_gb disk_in_gb }
    compose { runner allowed_envs }
    network { is_online internal_ip public_urls { app instance } }
    stats { is_online sysinfo { os_version total_memory used_memory uptime } }
  }
}`,
  Q3: `query Q3($first: Int!) {
  cvms(page: 1, page_size: $first) {
    total
    items {
      ${ITEM}
    }
  }
}`,
  Q3S: `query Q3S($first: Int!) {
  cvms(page: 1, page_size: $first) {
    total
    items {
      ${ITEM}
      state { status uptime boot_progress }
    }
  }
}`,
  M1: `mutation M1($id: String!, $input: Change_Input!) {
  configureCvm(id: $id, input: $input) { __typename status correlation_id message }
}`,
};

const variablesOf = (name: QueryName, id: string) => {
  if (name === "M1") return { id, input: { vcpu: NEW_VCPU, memory: 8_192 } };
  return name === "Q1" || name === "Q2" ? { id } : { first: PAGE_SIZE };
};

/** Body of a request to Hive Gateway. */
export function buildHiveBody(name: QueryName, cvmId: string): string {
  return JSON.stringify({
    operationName: name,
    query: documents[name],
    variables: variablesOf(name, cvmId),
  });
}

/** Return the data of an answer in the names of the other servers. */
export function readHiveData(name: QueryName, body: string): unknown {
  const { data } = JSON.parse(body);
  switch (name) {
    case "Q1":
      return shapeOne(data.cvm);
    case "Q2":
      return shapeFour(data.cvm, data.cvm.compose, data.cvm.network, data.cvm.stats);
    case "Q3":
      return shapePage(data.cvms);
    case "Q3S": {
      const items: readonly (CvmWire & { state: StateWire })[] = data.cvms.items;
      return shapePageWithState(data.cvms, Object.fromEntries(items.map((cvm) => [cvm.vm_uuid, cvm.state])));
    }
    case "M1":
      return shapeChange(data.configureCvm);
  }
}
