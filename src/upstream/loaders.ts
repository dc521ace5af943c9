import DataLoader from "dataloader";
import { MAX_STATUS_BATCH } from "../limits.ts";
import { type AppContract, type ContractPlace, createAppContractLoader } from "./chain/app-contract.ts";
import type { Chains } from "./chain/chains.ts";
import { type AppCompose, fetchComposeFile } from "./configuration/compose-file.ts";
import { fetchDockerCompose } from "./configuration/docker-compose.ts";
import { type AvailableOsImages, fetchAvailableOsImages } from "./configuration/os-images.ts";
import { fetchPreLaunchScript } from "./configuration/pre-launch-script.ts";
import { type CvmUserConfig, fetchUserConfig } from "./configuration/user-config.ts";
import type { CvmRef } from "./cvm-ref.ts";
import { type CvmAttestation, fetchAttestation } from "./resources/attestation.ts";
import { type CvmContainer, fetchContainers } from "./resources/containers.ts";
import { type Cvm, type CvmPage, fetchCvm, fetchCvmPage } from "./resources/cvms.ts";
import { type DeviceAllowlist, fetchDeviceAllowlist } from "./resources/device-allowlist.ts";
import { fetchIsAllowed, type IsAllowed } from "./resources/is-allowed.ts";
import { fetchKmsNodes, fetchSignedEnvKey, type KmsNode, type SignedEnvKey } from "./resources/kms.ts";
import { type CvmNetwork, fetchNetwork } from "./resources/network.ts";
import { fetchOperationPage, type OperationPage, type OperationPageRequest } from "./resources/operations.ts";
import { type CvmStats, fetchStats } from "./resources/stats.ts";
import { fetchStatusBatch, type LiveState, toVmKey } from "./resources/status-batch.ts";
import type { Upstream } from "./transport/types.ts";

/** When a read is sent: for the field that needs it, or `ahead` of that field, which then counts as its first use. */
type ReadTime = "now" | "ahead";

/** The CVM that a stream follows, as the shared poll knows it. */
export type FollowedCvm = {
  readonly id: CvmRef;
  readonly vmUuid: string | null;
  readonly live: LiveState;
  fetchCvm(): Promise<Cvm>;
};

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

/** What was read, by what it is about. A failure is remembered as well. Undefined until the first read. */
type Answers<T> = Map<string, Promise<T>> | undefined;

function createLiveStateLoader(upstream: Upstream): DataLoader<string, LiveState | null> {
  return new DataLoader(
    async (vmUuids) => {
      const states = await fetchStatusBatch(upstream, vmUuids);
      return vmUuids.map((key) => states.get(toVmKey(key)) ?? null);
    },
    { maxBatchSize: MAX_STATUS_BATCH },
  );
}

/**
 * Reads of one GraphQL request. Each is sent at most once, however often it is requested. After a write they are stale:
 * create new ones.
 */
export class Loaders {
  readonly #upstream: Upstream;
  readonly #chains: Chains;
  readonly #followed: FollowedCvm | null;
  /** Reads that were sent ahead of the field that needs them. */
  #ahead: Set<Promise<unknown>> | undefined;
  #cvms: Answers<Cvm>;
  #cvmPages: Answers<CvmPage>;
  #dockerComposes: Answers<string>;
  #preLaunchScripts: Answers<string>;
  #composeFiles: Answers<AppCompose>;
  #availableOsImages: Answers<AvailableOsImages>;
  #stats: Answers<CvmStats>;
  #networks: Answers<CvmNetwork>;
  #containers: Answers<CvmContainer[] | null>;
  #attestations: Answers<CvmAttestation>;
  #userConfigs: Answers<CvmUserConfig>;
  #operationPages: Answers<OperationPage>;
  #allowed: Answers<IsAllowed>;
  #deviceAllowlists: Answers<DeviceAllowlist>;
  #kmsNodes: Promise<KmsNode[]> | undefined;
  #signedEnvKeys: Answers<SignedEnvKey>;
  #liveStates: DataLoader<string, LiveState | null> | undefined;
  #findContract: ReturnType<typeof createAppContractLoader> | undefined;

  /** @param followed - the CVM of a stream, which its subscribers share. Null outside of a stream. */
  constructor(upstream: Upstream, chains: Chains, followed: FollowedCvm | null = null) {
    this.#upstream = upstream;
    this.#chains = chains;
    this.#followed = followed;
  }

  #recall<T>(
    answers: Map<string, Promise<T>>,
    key: string,
    fetchOne: () => Promise<T>,
    time: ReadTime = "now",
  ) {
    const known = answers.get(key);
    if (known !== undefined) {
      if (time === "now" && !this.#ahead?.delete(known)) this.#upstream.stats.deduplicated += 1;
      return known;
    }
    const answer = fetchOne();
    answers.set(key, answer);
    if (time === "ahead") {
      this.#ahead ??= new Set();
      this.#ahead.add(answer);
      // If the CVM does not exist, no field reports this failure.
      answer.catch(() => undefined);
    }
    return answer;
  }

  cvm(ref: CvmRef, time?: ReadTime): Promise<Cvm> {
    if (ref === this.#followed?.id) return this.#followed.fetchCvm();
    this.#cvms ??= new Map();
    return this.#recall(this.#cvms, ref, () => fetchCvm(this.#upstream, ref), time);
  }

  /** The read of a CVM that was sent before; undefined if none was. Sends nothing. */
  findAskedCvm(ref: CvmRef): Promise<Cvm> | undefined {
    return this.#cvms?.get(ref);
  }

  cvmPage(page: number, pageSize: number): Promise<CvmPage> {
    this.#cvmPages ??= new Map();
    const fetchOne = () => fetchCvmPage(this.#upstream, page, pageSize);
    return this.#recall(this.#cvmPages, `${page} ${pageSize}`, fetchOne);
  }

  liveState(vmUuid: string): Promise<LiveState | null> {
    if (vmUuid === this.#followed?.vmUuid) return Promise.resolve(this.#followed.live);
    this.#liveStates ??= createLiveStateLoader(this.#upstream);
    return this.#liveStates.load(vmUuid);
  }

  dockerCompose(ref: CvmRef, time?: ReadTime): Promise<string> {
    this.#dockerComposes ??= new Map();
    return this.#recall(this.#dockerComposes, ref, () => fetchDockerCompose(this.#upstream, ref), time);
  }

  preLaunchScript(ref: CvmRef, time?: ReadTime): Promise<string> {
    this.#preLaunchScripts ??= new Map();
    return this.#recall(this.#preLaunchScripts, ref, () => fetchPreLaunchScript(this.#upstream, ref), time);
  }

  composeFile(ref: CvmRef, time?: ReadTime): Promise<AppCompose> {
    this.#composeFiles ??= new Map();
    return this.#recall(this.#composeFiles, ref, () => fetchComposeFile(this.#upstream, ref), time);
  }

  availableOsImages(ref: CvmRef, time?: ReadTime): Promise<AvailableOsImages> {
    this.#availableOsImages ??= new Map();
    return this.#recall(
      this.#availableOsImages,
      ref,
      () => fetchAvailableOsImages(this.#upstream, ref),
      time,
    );
  }

  stats(ref: CvmRef, time?: ReadTime): Promise<CvmStats> {
    this.#stats ??= new Map();
    return this.#recall(this.#stats, ref, () => fetchStats(this.#upstream, ref), time);
  }

  network(ref: CvmRef, time?: ReadTime): Promise<CvmNetwork> {
    this.#networks ??= new Map();
    return this.#recall(this.#networks, ref, () => fetchNetwork(this.#upstream, ref), time);
  }

  containers(ref: CvmRef, time?: ReadTime): Promise<CvmContainer[] | null> {
    this.#containers ??= new Map();
    return this.#recall(this.#containers, ref, () => fetchContainers(this.#upstream, ref), time);
  }

  attestation(ref: CvmRef, time?: ReadTime): Promise<CvmAttestation> {
    this.#attestations ??= new Map();
    return this.#recall(this.#attestations, ref, () => fetchAttestation(this.#upstream, ref), time);
  }

  userConfig(ref: CvmRef, time?: ReadTime): Promise<CvmUserConfig> {
    this.#userConfigs ??= new Map();
    return this.#recall(this.#userConfigs, ref, () => fetchUserConfig(this.#upstream, ref), time);
  }

  /** One page of the history. */
  operationPage(ref: CvmRef, request: OperationPageRequest, time?: ReadTime): Promise<OperationPage> {
    this.#operationPages ??= new Map();
    const fetchOne = () => fetchOperationPage(this.#upstream, ref, request);
    return this.#recall(this.#operationPages, JSON.stringify([ref, request]), fetchOne, time);
  }

  /** @param composeHash - bare hex */
  isAllowed(ref: CvmRef, composeHash: string): Promise<IsAllowed> {
    this.#allowed ??= new Map();
    const fetchOne = () => fetchIsAllowed(this.#upstream, ref, composeHash);
    return this.#recall(this.#allowed, `${ref} ${composeHash}`, fetchOne);
  }

  deviceAllowlist(appId: string): Promise<DeviceAllowlist> {
    this.#deviceAllowlists ??= new Map();
    return this.#recall(this.#deviceAllowlists, appId, () => fetchDeviceAllowlist(this.#upstream, appId));
  }

  appContract(place: ContractPlace): AppContract | null {
    this.#findContract ??= createAppContractLoader(this.#chains);
    return this.#findContract(place);
  }

  /** Forget what the app contract and the REST API said about a compose hash and a device. */
  forgetContract(): void {
    this.#allowed = undefined;
    this.#findContract = undefined;
  }

  kmsNodes(): Promise<KmsNode[]> {
    this.#kmsNodes ??= fetchKmsNodes(this.#upstream);
    return this.#kmsNodes;
  }

  /** @param kms - slug or id of a node */
  signedEnvKey(kms: string, appId: string): Promise<SignedEnvKey> {
    this.#signedEnvKeys ??= new Map();
    const fetchOne = () => fetchSignedEnvKey(this.#upstream, kms, appId);
    return this.#recall(this.#signedEnvKeys, `${kms}/${appId}`, fetchOne);
  }
}
