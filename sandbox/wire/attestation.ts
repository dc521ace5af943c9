import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Cvm } from "../cvm/types.ts";
import { deriveHex } from "../identity.ts";
import { isOnline } from "./telemetry.ts";

const YEAR_MS = 365 * 24 * 3_600_000;

/** Describe `GET …/attestation`. Only the app-compose, its hash in the event log, and the ids are real. */
export function describeAttestation(cvm: Cvm, now: number) {
  const online = isOnline(cvm, now);
  const isPublic = cvm.config.compose.json.public_tcbinfo;
  return {
    name: online ? cvm.name : null,
    is_online: online,
    is_public: isPublic,
    error: online ? null : "CVM is not reachable",
    app_certificates: online ? [describeAppCertificate(cvm), describeCaCertificate(cvm)] : null,
    tcb_info: online && isPublic ? describeTcb(cvm) : null,
    compose_file: online && isPublic ? cvm.config.compose.text : null,
  };
}

/** Describe the measurements of the running guest. */
function describeTcb(cvm: Cvm) {
  const register = (name: string) => deriveHex(64, name, cvm.config.image.slug).padEnd(96, "0");
  return {
    mrtd: register("mrtd"),
    rootfs_hash: deriveHex(64, "rootfs", cvm.config.image.slug),
    rtmr0: register("rtmr0"),
    rtmr1: register("rtmr1"),
    rtmr2: register("rtmr2"),
    rtmr3: deriveHex(64, "rtmr3", cvm.appId, cvm.config.compose.hash).padEnd(96, "0"),
    event_log: [
      describeEvent("app-id", cvm.appId),
      describeEvent("compose-hash", cvm.config.compose.hash),
      describeEvent("instance-id", cvm.instanceId ?? ""),
      describeEvent("boot-mr-done", ""),
    ],
    app_compose: cvm.config.compose.text,
  };
}

function describeEvent(event: string, payload: string) {
  const digest = bytesToHex(sha256(utf8ToBytes(`${event}:${payload}`))).padEnd(96, "0");
  return { imr: 3, event_type: 134_217_729, digest, event, event_payload: payload };
}

function describeAppCertificate(cvm: Cvm) {
  const name = `${cvm.appId}.dstack.sandbox.invalid`;
  return {
    ...describeCertificate(cvm, name, "Dstack App CA"),
    sans: [name],
    is_ca: false,
    position_in_chain: 0,
    quote: deriveHex(64, "quote", cvm.vmUuid, cvm.config.compose.hash),
    app_id: cvm.appId,
    cert_usage: "app:custom",
  };
}

function describeCaCertificate(cvm: Cvm) {
  return {
    ...describeCertificate(cvm, "Dstack App CA", "Dstack KMS CA"),
    sans: null,
    is_ca: true,
    position_in_chain: 1,
    quote: null,
    app_id: cvm.appId,
    cert_usage: "app:ca",
  };
}

function describeCertificate(cvm: Cvm, commonName: string, issuer: string) {
  return {
    subject: {
      common_name: commonName,
      organization: "Dstack",
      country: null,
      state: null,
      locality: null,
    },
    issuer: { common_name: issuer, organization: "Dstack", country: null },
    serial_number: deriveHex(32, "serial", cvm.vmUuid, commonName),
    not_before: new Date(cvm.createdAt).toISOString(),
    not_after: new Date(cvm.createdAt + 10 * YEAR_MS).toISOString(),
    version: "v3",
    fingerprint: deriveHex(64, "fingerprint", cvm.vmUuid, commonName),
    signature_algorithm: "ecdsa-with-SHA256",
  };
}
