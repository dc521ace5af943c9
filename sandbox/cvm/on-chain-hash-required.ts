import type { KmsService } from "../catalog/kms.ts";
import { ApiError, businessError, type ErrorDetail } from "../http/api-error.ts";
import { describeKmsNode } from "../wire/kms.ts";
import type { Cvm } from "./types.ts";

/** What a prepared change adds to a 465, so that another person can complete it later. */
export type PreparedCommit = {
  readonly token: string;
  readonly commitUrl: string;
  readonly apiCommitUrl: string;
  readonly status: {
    readonly compose_hash_allowed: boolean;
    readonly device_id_allowed: boolean;
    readonly is_allowed: boolean;
  };
};

const MESSAGE = "Compose hash registration required on-chain before the update can be applied";

/** Create the 465: the change is kept until its hash is registered on chain. */
export function onChainHashRequired(
  cvm: Cvm,
  composeHash: string,
  prepared: PreparedCommit | null,
  deviceId = cvm.node.deviceId,
): ApiError {
  if (cvm.behaviors.has("flat-465")) return flatOnChainHashRequired(cvm, cvm.kms, composeHash);
  const details: ErrorDetail[] = [
    { field: "compose_hash", value: composeHash, message: null },
    { field: "app_id", value: cvm.appId, message: null },
    { field: "device_id", value: deviceId, message: null },
  ];
  const kmsInfo = describeKmsInfo(cvm);
  if (kmsInfo !== null) details.push({ field: "kms_info", value: kmsInfo, message: null });
  if (prepared !== null) {
    details.push(
      { field: "commit_token", value: prepared.token, message: null },
      { field: "commit_url", value: prepared.commitUrl, message: null },
      { field: "api_commit_url", value: prepared.apiCommitUrl, message: null },
      { field: "onchain_status", value: prepared.status, message: null },
    );
  }
  return businessError(465, "ERR-01-005", MESSAGE, {
    details,
    suggestions: [
      "Call addComposeHash(bytes32) on the app contract with the account of its owner.",
      "Repeat the request with X-Compose-Hash and X-Transaction-Hash.",
    ],
    links: [{ url: "https://docs.phala.com/phala-cloud", label: "Phala Cloud documentation" }],
  });
}

/** Describe the KMS as far as the 465 of this CVM names it; null when it does not name it. */
function describeKmsInfo({ kms, behaviors }: Cvm): object | null {
  if (behaviors.has("bare-465")) return null;
  if (!behaviors.has("lean-465")) return describeKmsNode(kms);
  return { chain_id: kms.chainId, kms_contract_address: kms.contractAddress };
}

/** Create the flat 465 of older servers, with the `0x` prefixes that some of them send. */
function flatOnChainHashRequired(cvm: Cvm, kms: KmsService, composeHash: string): ApiError {
  return new ApiError(465, {
    message: MESSAGE,
    compose_hash: `0x${composeHash}`,
    app_id: `0x${cvm.appId}`,
    device_id: `0x${cvm.node.deviceId}`,
    kms_info: describeKmsNode(kms),
  });
}
