import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { toInt, wireFlag, wireNumber, wireText } from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireList, wireObject } from "../transport/wire-tolerance.ts";

const certificateObject = z.object({
  subject: z
    .object({
      common_name: wireText,
      organization: wireText,
      country: wireText,
      state: wireText,
      locality: wireText,
    })
    .nullish(),
  issuer: z.object({ common_name: wireText, organization: wireText, country: wireText }).nullish(),
  serial_number: wireText,
  not_before: wireText,
  not_after: wireText,
  version: z.union([z.string(), z.number()]).nullish(),
  fingerprint: wireText,
  signature_algorithm: wireText,
  sans: wireItems(z.string()).nullish(),
  is_ca: wireFlag,
  position_in_chain: wireNumber,
  quote: wireText,
  app_id: wireText,
  cert_usage: wireText,
});

const certificateWire = wireObject(certificateObject.shape, toCertificate);

type CertificateWire = z.output<typeof certificateObject>;

function toIssuer(wire: NonNullable<CertificateWire["issuer"]>) {
  return {
    commonName: wire.common_name ?? null,
    organization: wire.organization ?? null,
    country: wire.country ?? null,
  };
}

function toSubject(wire: NonNullable<CertificateWire["subject"]>) {
  return { ...toIssuer(wire), state: wire.state ?? null, locality: wire.locality ?? null };
}

function toCertificate(wire: CertificateWire) {
  const version = wire.version ?? null;
  return {
    subject: wire.subject ? toSubject(wire.subject) : null,
    issuer: wire.issuer ? toIssuer(wire.issuer) : null,
    serialNumber: wire.serial_number ?? null,
    notBefore: wire.not_before ?? null,
    notAfter: wire.not_after ?? null,
    version: version === null ? null : String(version),
    fingerprint: wire.fingerprint ?? null,
    signatureAlgorithm: wire.signature_algorithm ?? null,
    subjectAlternativeNames: listKnown(wire.sans),
    isCa: wire.is_ca ?? null,
    positionInChain: toInt(wire.position_in_chain),
    quote: wire.quote ?? null,
    appId: wire.app_id ?? null,
    usage: wire.cert_usage ?? null,
  };
}

const tcbInfoWire = wireObject(
  {
    mrtd: wireText,
    rootfs_hash: wireText,
    rtmr0: wireText,
    rtmr1: wireText,
    rtmr2: wireText,
    rtmr3: wireText,
    event_log: wireItems(
      z.object({
        imr: z.number().int().max(MAX_INT),
        event_type: z.int(),
        digest: z.string(),
        event: z.string(),
        event_payload: z.string(),
      }),
    ).nullish(),
    app_compose: wireText,
  },
  (wire) => ({
    mrtd: wire.mrtd ?? null,
    rootfsHash: wire.rootfs_hash ?? null,
    rtmr0: wire.rtmr0 ?? null,
    rtmr1: wire.rtmr1 ?? null,
    rtmr2: wire.rtmr2 ?? null,
    rtmr3: wire.rtmr3 ?? null,
    eventLog: listKnown(wire.event_log).map((entry) => ({
      imr: entry.imr,
      eventType: entry.event_type,
      digest: entry.digest,
      event: entry.event,
      eventPayload: entry.event_payload,
    })),
    appCompose: wire.app_compose ?? null,
  }),
);

const attestationWire = wireObject(
  {
    is_online: wireFlag,
    is_public: wireFlag,
    error: wireText,
    name: wireText,
    app_certificates: wireList(certificateWire).nullish(),
    tcb_info: tcbInfoWire.nullish(),
    compose_file: wireText,
  },
  ({ tcb_info: tcbInfo = null, ...wire }) => ({
    // Evidence comes from the guest, so there is none without it.
    isOnline: wire.is_online ?? tcbInfo !== null,
    isPublic: wire.is_public ?? true,
    error: wire.error ?? null,
    name: wire.name ?? null,
    appCertificates: wire.app_certificates ?? null,
    tcbInfo,
    composeFile: wire.compose_file ?? null,
  }),
);

/** Certificate in the certificate chain of an app. */
export type AttestationCertificate = z.output<typeof certificateWire>;

/** Measurements of the TCB (trusted computing base). */
export type TcbInfo = z.output<typeof tcbInfoWire>;

/** Attestation: the proof of what runs in a CVM. The gateway passes it on and does not verify it. */
export type CvmAttestation = z.output<typeof attestationWire>;

/** Fetch the attestation of a CVM: `GET /cvms/{id}/attestation`. */
export async function fetchAttestation(upstream: Upstream, ref: CvmRef): Promise<CvmAttestation> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "attestation"],
    accept: [200],
    effect: "read",
  });
  const attestation = decodeJson(reply, attestationWire, reply.body);
  const { error } = attestation;
  // Only this text: the app-compose and the evidence must stay as they are.
  return { ...attestation, error: error && reply.hideServerKey(error) };
}
