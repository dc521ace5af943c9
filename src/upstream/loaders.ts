import DataLoader from "dataloader";
import { readAttestation } from "./attestation.ts";
import { readComposeFile } from "./compose-file.ts";
import { readDockerCompose, readPreLaunchScript } from "./compose-text.ts";
import { listContainers } from "./composition.ts";
import type { CvmRef } from "./cvm-ref.ts";
import { type CvmPage, listCvms, readCvm } from "./cvms.ts";
import type { Upstream } from "./http.ts";
import { readNetwork } from "./network.ts";
import { listAvailableOsImages } from "./os-images.ts";
import { readStats } from "./stats.ts";
import { type LiveState, readStatusBatch, toVmKey } from "./status-batch.ts";
import { readUserConfig } from "./user-config.ts";

/** VM UUIDs in one batch; the REST API states no limit, a page has at most 100. */
const MAX_BATCH = 100;

/** Remembers the promise of each key for the length of one request, failures too. */
function remember<T, K = CvmRef>(read: (upstream: Upstream, key: K) => Promise<T>, upstream: Upstream) {
  let promises: Map<K, Promise<T>> | undefined;
  return (key: K): Promise<T> => {
    promises ??= new Map();
    const known = promises.get(key);
    if (known !== undefined) {
      upstream.stats.deduplicated += 1;
      return known;
    }
    const promise = read(upstream, key);
    promises.set(key, promise);
    return promise;
  };
}

function createLiveStateLoader(upstream: Upstream): (vmUuid: string) => Promise<LiveState | null> {
  let loader: DataLoader<string, LiveState | null> | undefined;
  return (vmUuid) => {
    loader ??= new DataLoader(
      async (vmUuids) => {
        const states = await readStatusBatch(upstream, vmUuids);
        return vmUuids.map((key) => states.get(toVmKey(key)) ?? null);
      },
      { maxBatchSize: MAX_BATCH },
    );
    return loader.load(vmUuid);
  };
}

function createPageLoader(upstream: Upstream): (page: number, pageSize: number) => Promise<CvmPage> {
  const load = remember((_upstream, key: string) => {
    const [page = 1, pageSize = 1] = key.split(" ").map(Number);
    return listCvms(upstream, page, pageSize);
  }, upstream);
  return (page, pageSize) => load(`${page} ${pageSize}`);
}

/** The reads of one GraphQL request, each sent at most once however often it is asked for. */
export type Loaders = ReturnType<typeof createLoaders>;

/** Makes the reads of one request. A write makes them stale: make new ones after it. */
export function createLoaders(upstream: Upstream) {
  return {
    cvm: remember(readCvm, upstream),
    cvmPage: createPageLoader(upstream),
    dockerCompose: remember(readDockerCompose, upstream),
    preLaunchScript: remember(readPreLaunchScript, upstream),
    composeFile: remember(readComposeFile, upstream),
    availableOsImages: remember(listAvailableOsImages, upstream),
    liveState: createLiveStateLoader(upstream),
    stats: remember(readStats, upstream),
    network: remember(readNetwork, upstream),
    containers: remember(listContainers, upstream),
    attestation: remember(readAttestation, upstream),
    userConfig: remember(readUserConfig, upstream),
  };
}
