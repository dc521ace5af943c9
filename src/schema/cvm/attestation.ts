import type {
  CvmAttestation as AttestationModel,
  AttestationCertificate as CertificateModel,
  TcbInfo as TcbInfoModel,
} from "../../upstream/resources/attestation.ts";
import { builder } from "../core/builder.ts";

type SubjectModel = NonNullable<CertificateModel["subject"]>;
type IssuerModel = NonNullable<CertificateModel["issuer"]>;

const CertificateSubject = builder.objectRef<SubjectModel>("CertificateSubject").implement({
  description: "Name that a certificate was issued to, in the parts of X.509.",
  fields: (t) => ({
    commonName: t.exposeString("commonName", { nullable: true, description: "Common name (CN)." }),
    organization: t.exposeString("organization", { nullable: true, description: "Organization (O)." }),
    country: t.exposeString("country", { nullable: true, description: "Country (C)." }),
    state: t.exposeString("state", { nullable: true, description: "State or province (ST)." }),
    locality: t.exposeString("locality", { nullable: true, description: "Locality (L)." }),
  }),
});

const CertificateIssuer = builder.objectRef<IssuerModel>("CertificateIssuer").implement({
  description: "Name of the authority that signed a certificate, in the parts of X.509.",
  fields: (t) => ({
    commonName: t.exposeString("commonName", { nullable: true, description: "Common name (CN)." }),
    organization: t.exposeString("organization", { nullable: true, description: "Organization (O)." }),
    country: t.exposeString("country", { nullable: true, description: "Country (C)." }),
  }),
});

const AttestationCertificate = builder.objectRef<CertificateModel>("AttestationCertificate").implement({
  description:
    "Certificate that proves the identity of an app inside a CVM. It can contain a quote of the TEE hardware.",
  fields: (t) => ({
    subject: t.expose("subject", {
      type: CertificateSubject,
      nullable: true,
      description: "Name that the certificate was issued to.",
    }),
    issuer: t.expose("issuer", {
      type: CertificateIssuer,
      nullable: true,
      description: "Authority that signed the certificate.",
    }),
    serialNumber: t.exposeString("serialNumber", { nullable: true, description: "Serial number." }),
    notBefore: t.exposeString("notBefore", {
      nullable: true,
      description: "Start of the validity period, as the REST API formats it.",
    }),
    notAfter: t.exposeString("notAfter", {
      nullable: true,
      description: "End of the validity period, as the REST API formats it.",
    }),
    version: t.exposeString("version", { nullable: true, description: "X.509 version." }),
    fingerprint: t.exposeString("fingerprint", {
      nullable: true,
      description: "Fingerprint of the certificate.",
    }),
    signatureAlgorithm: t.exposeString("signatureAlgorithm", {
      nullable: true,
      description: "Signature algorithm.",
    }),
    subjectAlternativeNames: t.exposeStringList("subjectAlternativeNames", {
      description: "Further names that the certificate is valid for.",
    }),
    isCa: t.exposeBoolean("isCa", {
      nullable: true,
      description: "Whether it is a certificate authority, which can sign other certificates.",
    }),
    positionInChain: t.exposeInt("positionInChain", {
      nullable: true,
      description: "Position in the certificate chain. 0 is the certificate of the app.",
    }),
    quote: t.exposeString("quote", {
      nullable: true,
      description: "Quote of the TEE hardware (trusted execution environment) inside the certificate.",
    }),
    appId: t.exposeString("appId", {
      nullable: true,
      description: "App id that the certificate belongs to.",
    }),
    usage: t.exposeString("usage", { nullable: true, description: "Purpose of the certificate." }),
  }),
});

const TcbEvent = builder.objectRef<TcbInfoModel["eventLog"][number]>("TcbEvent").implement({
  description:
    "Entry of the event log. Replaying the log reproduces the values of the runtime measurement registers, so each entry can be verified.",
  fields: (t) => ({
    imr: t.exposeInt("imr", { description: "Index of the register that the entry extends." }),
    eventType: t.expose("eventType", { type: "SafeInt", description: "Type of the event, as a number." }),
    digest: t.exposeString("digest", {
      description: "Digest that the register was extended with.",
    }),
    event: t.exposeString("event", { description: "Name of the event." }),
    eventPayload: t.exposeString("eventPayload", { description: "Content of the event." }),
  }),
});

const TcbInfo = builder.objectRef<TcbInfoModel>("TcbInfo").implement({
  description:
    "Measurements of the TCB (trusted computing base): of the firmware, the OS and the app-compose that a CVM booted with. Compare them with the values that you expect. See 'TCB' in docs/glossary.md.",
  fields: (t) => ({
    mrtd: t.exposeString("mrtd", { nullable: true, description: "Measurement of the virtual firmware." }),
    rootfsHash: t.exposeString("rootfsHash", {
      nullable: true,
      description: "Hash of the root file system.",
    }),
    rtmr0: t.exposeString("rtmr0", { nullable: true, description: "Runtime measurement register 0." }),
    rtmr1: t.exposeString("rtmr1", { nullable: true, description: "Runtime measurement register 1." }),
    rtmr2: t.exposeString("rtmr2", { nullable: true, description: "Runtime measurement register 2." }),
    rtmr3: t.exposeString("rtmr3", {
      nullable: true,
      description: "Runtime measurement register 3. It includes the app-compose.",
    }),
    eventLog: t.expose("eventLog", {
      type: [TcbEvent],
      description: "Events that extended the runtime measurement registers.",
    }),
    appCompose: t.exposeString("appCompose", {
      nullable: true,
      description:
        "App-compose that the guest measured, as its exact text. The SHA-256 of this text is the compose hash.",
    }),
  }),
});

/** `Cvm.attestation` */
export const Attestation = builder.objectRef<AttestationModel>("CvmAttestation").implement({
  description:
    "Attestation of a CVM: signed measurements of the TEE hardware that prove what the CVM runs. The gateway passes them on and does not verify them. See 'attestation' in docs/glossary.md.",
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline", {
      description: "Whether the guest, that is, the OS inside the CVM, responds.",
    }),
    isPublic: t.exposeBoolean("isPublic", { description: "Whether the CVM publishes its attestation." }),
    error: t.exposeString("error", {
      nullable: true,
      description: "Why the attestation is missing. Null if it is not.",
    }),
    name: t.exposeString("name", { nullable: true, description: "Name of the app." }),
    appCertificates: t.expose("appCertificates", {
      type: [AttestationCertificate],
      nullable: { list: true, items: false },
      description: "Certificate chain of the app, starting with the app's own certificate.",
    }),
    tcbInfo: t.expose("tcbInfo", {
      type: TcbInfo,
      nullable: true,
      description: "Measurements of the TCB (trusted computing base).",
    }),
    composeFile: t.exposeString("composeFile", {
      nullable: true,
      description: "Compose file, as the guest reports it.",
    }),
  }),
});
