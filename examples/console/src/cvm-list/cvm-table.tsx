import { useSubscription } from "@apollo/client/react";
import { Link } from "react-router";
import { StatusBadge } from "../cvm/status-badge.tsx";
import { formatMemory } from "../design/format.ts";
import { type CvmRowFragment, WatchRowDocument } from "../gql/graphql.ts";

/** Size of a CVM in words. */
function describeSize({ vcpu, memoryMb, diskSizeGb }: CvmRowFragment["resources"]): string {
  return [
    vcpu !== null && vcpu !== undefined && `${vcpu} vCPU`,
    memoryMb !== null && memoryMb !== undefined && formatMemory(memoryMb),
    diskSizeGb !== null && diskSizeGb !== undefined && `${diskSizeGb} GB disk`,
  ]
    .filter(Boolean)
    .join(" · ");
}

function CvmLine({ cvm }: { readonly cvm: CvmRowFragment }) {
  // The answer goes to the cache by the id of the CVM, so this line and every other place are rendered again.
  useSubscription(WatchRowDocument, { variables: { id: cvm.id }, ignoreResults: true });
  const { id, name, status, inProgress, resources, os, kms } = cvm;
  return (
    <tr>
      <th scope="row">
        <Link to={`/cvms/${id}`}>{name}</Link>
      </th>
      <td data-label="State">
        <StatusBadge status={status} isBusy={inProgress} />
      </td>
      <td data-label="Size">{describeSize(resources)}</td>
      <td data-label="OS image">{os?.name ?? "unknown"}</td>
      <td data-label="Keys">{kms.requiresOnChainHash ? "On chain" : "Off chain"}</td>
    </tr>
  );
}

/** Table of CVMs. */
export function CvmTable({ cvms }: { readonly cvms: readonly CvmRowFragment[] }) {
  return (
    <section className="card card-flush" aria-label="CVMs">
      <table className="cvm-table table-stacked">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Size</th>
            <th scope="col">OS image</th>
            <th scope="col">Keys</th>
          </tr>
        </thead>
        <tbody>
          {cvms.map((cvm) => (
            <CvmLine key={cvm.id} cvm={cvm} />
          ))}
        </tbody>
      </table>
    </section>
  );
}
