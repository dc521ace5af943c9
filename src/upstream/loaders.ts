import DataLoader from "dataloader";
import { MAX_STATUS_BATCH } from "../limits.ts";
import { createAppContractLoader } from "./chain/app-contract.ts";
import type { Chains } from "./chain/chains.ts";
import { fetchComposeFile } from "./configuration/compose-file.ts";
import { fetchDockerCompose } from "./configuration/docker-compose.ts";
import { fetchAvailableOsImages } from "./configuration/os-images.ts";
import { fetchPreLaunchScript } from "./configuration/pre-launch-script.ts";
import { fetchUserConfig } from "./configuration/user-config.ts";
import type { CvmRef } from "./cvm-ref.ts";
import { fetchAttestation } from "./resources/attestation.ts";
import { fetchContainers } from "./resources/containers.ts";
import { type Cvm, type CvmPage, fetchCvm, fetchCvmPage } from "./resources/cvms.ts";
import { fetchDeviceAllowlist } from "./resources/device-allowlist.ts";
import { fetchIsAllowed } from "./resources/is-allowed.ts";
import { fetchKmsNodes, fetchSignedEnvKey, type KmsNode, type SignedEnvKey } from "./resources/kms.ts";
import { fetchNetwork } from "./resources/network.ts";
import { fetchOperationPage } from "./resources/operations.ts";
import { fetchStats } from "./resources/stats.ts";
import { fetchStatusBatch, type LiveState, toVmKey } from "./resources/status-batch.ts";
import type { Upstream } from "./transport/types.ts";

/** When a read is sent: for the field that needs it, or `ahead` of that field, which then counts as its first use. */
type ReadTime = "now" | "ahead";

/** Cache the promise of each key for one request, including failures. */
function remember<Key extends string, T>(
  fetchOne: (upstream: Upstream, key: Key) => Promise<T>,
  upstream: Upstream,
) {
  let promises: Map<Key, Promise<T>> | undefined;
  let unused: Set<Key> | undefined;
  return (key: Key, time: ReadTime = "now"): Promise<T> => {
    promises ??= new Map();
    const known = promises.get(key);
    if (known !== undefined) {
      if (time === "now" && !unused?.delete(key)) upstream.stats.deduplicated += 1;
      return known;
    }
    const promise = fetchOne(upstream, key);
    promises.set(key, promise);
    if (time === "ahead") {
      unused ??= new Set();
      unused.add(key);
      // If the CVM does not exist, no field reports this failure.
      promise.catch(() => undefined);
    }
    return promise;
  };
}

/** Cache the reads of CVMs, and find one that this request has made. */
function rememberCvms(upstream: Upstream) {
  const asked = new Map<CvmRef, Promise<Cvm>>();
  const load = remember(fetchCvm, upstream);
  return {
    cvm(ref: CvmRef, time?: ReadTime): Promise<Cvm> {
      const answer = load(ref, time);
      asked.set(ref, answer);
      return answer;
    },
    /** The read of a CVM that was sent before; undefined if none was. Sends nothing. */
    findAskedCvm: (ref: CvmRef): Promise<Cvm> | undefined => asked.get(ref),
  };
}

/** Cache the answers by CVM and one more argument. */
function rememberBy<Extra, T>(
  fetchOne: (upstream: Upstream, ref: CvmRef, extra: Extra) => Promise<T>,
  upstream: Upstream,
) {
  let loads: Map<string, (ref: CvmRef, time?: ReadTime) => Promise<T>> | undefined;
  return (ref: CvmRef, extra: Extra, time?: ReadTime): Promise<T> => {
    loads ??= new Map();
    const key = JSON.stringify(extra);
    const load = loads.get(key) ?? remember((to, cvm: CvmRef) => fetchOne(to, cvm, extra), upstream);
    loads.set(key, load);
    return load(ref, time);
  };
}

function createLiveStateLoader(upstream: Upstream): (vmUuid: string) => Promise<LiveState | null> {
  let loader: DataLoader<string, LiveState | null> | undefined;
  return (vmUuid) => {
    loader ??= new DataLoader(
      async (vmUuids) => {
        const states = await fetchStatusBatch(upstream, vmUuids);
        return vmUuids.map((key) => states.get(toVmKey(key)) ?? null);
      },
      { maxBatchSize: MAX_STATUS_BATCH },
    );
    return loader.load(vmUuid);
  };
}

function createKmsLoaders(upstream: Upstream) {
  let nodes: Promise<KmsNode[]> | undefined;
  const keys = new Map<string, Promise<SignedEnvKey>>();
  return {
    kmsNodes(): Promise<KmsNode[]> {
      nodes ??= fetchKmsNodes(upstream);
      return nodes;
    },
    /** @param kms - slug or id of a node */
    signedEnvKey(kms: string, appId: string): Promise<SignedEnvKey> {
      const id = `${kms}/${appId}`;
      const known = keys.get(id) ?? fetchSignedEnvKey(upstream, kms, appId);
      keys.set(id, known);
      return known;
    },
  };
}

function createPageLoader(upstream: Upstream): (page: number, pageSize: number) => Promise<CvmPage> {
  const load = remember((_upstream, key: string) => {
    const [page = 1, pageSize = 1] = key.split(" ").map(Number);
    return fetchCvmPage(upstream, page, pageSize);
  }, upstream);
  return (page, pageSize) => load(`${page} ${pageSize}`);
}

/** Reads of one GraphQL request. Each is sent at most once, however often it is requested. */
export type Loaders = ReturnType<typeof createLoaders>;

/** Reads that need nothing but the id of a CVM, so that they can be sent together with the read of the CVM. */
export type CvmRead =
  | "attestation"
  | "availableOsImages"
  | "composeFile"
  | "containers"
  | "dockerCompose"
  | "network"
  | "preLaunchScript"
  | "stats"
  | "userConfig";

/** Create the reads of one request. After a write they are stale: create new ones. */
export function createLoaders(upstream: Upstream, chains: Chains) {
  return {
    ...rememberCvms(upstream),
    cvmPage: createPageLoader(upstream),
    dockerCompose: remember(fetchDockerCompose, upstream),
    preLaunchScript: remember(fetchPreLaunchScript, upstream),
    composeFile: remember(fetchComposeFile, upstream),
    availableOsImages: remember(fetchAvailableOsImages, upstream),
    liveState: createLiveStateLoader(upstream),
    stats: remember(fetchStats, upstream),
    network: remember(fetchNetwork, upstream),
    containers: remember(fetchContainers, upstream),
    attestation: remember(fetchAttestation, upstream),
    userConfig: remember(fetchUserConfig, upstream),
    /** One page of the history, by its cursor and limit. */
    operationPage: rememberBy(fetchOperationPage, upstream),
    /** By compose hash in bare hex. */
    isAllowed: rememberBy(fetchIsAllowed, upstream),
    deviceAllowlist: remember(fetchDeviceAllowlist, upstream),
    appContract: createAppContractLoader(chains),
    ...createKmsLoaders(upstream),
  };
}

/** The CVM that a stream follows, as the shared poll knows it. */
export type FollowedCvm = {
  readonly id: CvmRef;
  readonly vmUuid: string | null;
  readonly live: LiveState;
  fetchCvm(): Promise<Cvm>;
};

/** Create the reads of one event of a stream. The followed CVM and its live state come from the shared poll. */
export function createEventLoaders(upstream: Upstream, chains: Chains, followed: FollowedCvm): Loaders {
  const loaders = createLoaders(upstream, chains);
  return {
    ...loaders,
    cvm: (ref) => (ref === followed.id ? followed.fetchCvm() : loaders.cvm(ref)),
    liveState: (vmUuid) =>
      vmUuid === followed.vmUuid ? Promise.resolve(followed.live) : loaders.liveState(vmUuid),
  };
}
