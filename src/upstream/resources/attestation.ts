import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import type { CvmRef } from "../cvm-ref.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { wireOptionalInt } from "../transport/wire-scalars.ts";
import { wireDefault, wireList, wireOptional } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());

const certificateWire = z
  .object({
    subject: wireOptional(
      z.object({ common_name: text, organization: text, country: text, state: text, locality: text }),
    ),
    issuer: wireOptional(z.object({ common_name: text, organization: text, country: text })),
    serial_number: text,
    not_before: text,
    not_after: text,
    version: wireOptional(z.union([z.string(), z.number().transform(String)])),
    fingerprint: text,
    signature_algorithm: text,
    sans: wireOptional(wireList(z.string())),
    is_ca: wireOptional(z.boolean()),
    position_in_chain: wireOptionalInt,
    quote: text,
    app_id: text,
    cert_usage: text,
  })
  .transform((wire) => ({
    subject: wire.subject && {
      commonName: wire.subject.common_name,
      organization: wire.subject.organization,
      country: wire.subject.country,
      state: wire.subject.state,
      locality: wire.subject.locality,
    },
    issuer: wire.issuer && {
      commonName: wire.issuer.common_name,
      organization: wire.issuer.organization,
      country: wire.issuer.country,
    },
    serialNumber: wire.serial_number,
    notBefore: wire.not_before,
    notAfter: wire.not_after,
    version: wire.version,
    fingerprint: wire.fingerprint,
    signatureAlgorithm: wire.signature_algorithm,
    subjectAlternativeNames: wire.sans ?? [],
    isCa: wire.is_ca,
    positionInChain: wire.position_in_chain,
    quote: wire.quote,
    appId: wire.app_id,
    usage: wire.cert_usage,
  }));

const tcbInfoWire = z
  .object({
    mrtd: text,
    rootfs_hash: text,
    rtmr0: text,
    rtmr1: text,
    rtmr2: text,
    rtmr3: text,
    event_log: wireOptional(
      wireList(
        z.object({
          imr: z.number().int().max(MAX_INT),
          event_type: z.int(),
          digest: z.string(),
          event: z.string(),
          event_payload: z.string(),
        }),
      ),
    ),
    app_compose: text,
  })
  .transform((wire) => ({
    mrtd: wire.mrtd,
    rootfsHash: wire.rootfs_hash,
    rtmr0: wire.rtmr0,
    rtmr1: wire.rtmr1,
    rtmr2: wire.rtmr2,
    rtmr3: wire.rtmr3,
    eventLog: (wire.event_log ?? []).map((entry) => ({
      imr: entry.imr,
      eventType: entry.event_type,
      digest: entry.digest,
      event: entry.event,
      eventPayload: entry.event_payload,
    })),
    appCompose: wire.app_compose,
  }));

const attestationWire = z.object({
  is_online: wireOptional(z.boolean()),
  is_public: wireDefault(z.boolean(), true),
  error: text,
  name: text,
  app_certificates: wireOptional(wireList(certificateWire)),
  tcb_info: wireOptional(tcbInfoWire),
  compose_file: text,
});

/** Certificate in the certificate chain of an app. */
export type AttestationCertificate = z.output<typeof certificateWire>;

/** Measurements of the TCB (trusted computing base). */
export type TcbInfo = z.output<typeof tcbInfoWire>;

/** Attestation: the proof of what runs in a CVM. The gateway passes it on and does not verify it. */
export type CvmAttestation = Awaited<ReturnType<typeof fetchAttestation>>;

/** Fetch the attestation of a CVM: `GET /cvms/{id}/attestation`. */
export async function fetchAttestation(upstream: Upstream, ref: CvmRef) {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", ref, "attestation"],
    accept: [200],
    effect: "read",
  });
  const wire = decodeJson(reply, attestationWire);
  return {
    // Evidence comes from the guest, so there is none without it.
    isOnline: wire.is_online ?? wire.tcb_info !== null,
    isPublic: wire.is_public,
    error: wire.error,
    name: wire.name,
    appCertificates: wire.app_certificates,
    tcbInfo: wire.tcb_info,
    composeFile: wire.compose_file,
  };
}
