import type {
  CvmAttestation as AttestationModel,
  AttestationCertificate as CertificateModel,
  TcbInfo as TcbInfoModel,
} from "../../upstream/resources/attestation.ts";
import { builder } from "../core/builder.ts";

type SubjectModel = NonNullable<CertificateModel["subject"]>;
type IssuerModel = NonNullable<CertificateModel["issuer"]>;

const CertificateSubject = builder.objectRef<SubjectModel>("CertificateSubject").implement({
  description: "Whom a certificate names.",
  fields: (t) => ({
    commonName: t.exposeString("commonName", { nullable: true, description: "CN" }),
    organization: t.exposeString("organization", { nullable: true, description: "O" }),
    country: t.exposeString("country", { nullable: true, description: "C" }),
    state: t.exposeString("state", { nullable: true, description: "ST" }),
    locality: t.exposeString("locality", { nullable: true, description: "L" }),
  }),
});

const CertificateIssuer = builder.objectRef<IssuerModel>("CertificateIssuer").implement({
  description: "Who signed a certificate.",
  fields: (t) => ({
    commonName: t.exposeString("commonName", { nullable: true, description: "CN" }),
    organization: t.exposeString("organization", { nullable: true, description: "O" }),
    country: t.exposeString("country", { nullable: true, description: "C" }),
  }),
});

const AttestationCertificate = builder.objectRef<CertificateModel>("AttestationCertificate").implement({
  description: "A certificate of the app's chain.",
  fields: (t) => ({
    subject: t.expose("subject", { type: CertificateSubject, nullable: true, description: "Whom it names." }),
    issuer: t.expose("issuer", { type: CertificateIssuer, nullable: true, description: "Who signed it." }),
    serialNumber: t.exposeString("serialNumber", { nullable: true, description: "Its serial number." }),
    notBefore: t.exposeString("notBefore", {
      nullable: true,
      description: "From when it is valid, as the REST API writes it.",
    }),
    notAfter: t.exposeString("notAfter", {
      nullable: true,
      description: "Until when it is valid, as the REST API writes it.",
    }),
    version: t.exposeString("version", { nullable: true, description: "The X.509 version." }),
    fingerprint: t.exposeString("fingerprint", { nullable: true, description: "Its fingerprint." }),
    signatureAlgorithm: t.exposeString("signatureAlgorithm", {
      nullable: true,
      description: "How it is signed.",
    }),
    subjectAlternativeNames: t.exposeStringList("subjectAlternativeNames", {
      description: "Further names.",
    }),
    isCa: t.exposeBoolean("isCa", { nullable: true, description: "Whether it may sign others." }),
    positionInChain: t.exposeInt("positionInChain", { nullable: true, description: "0 is the app's own." }),
    quote: t.exposeString("quote", { nullable: true, description: "The TEE quote inside it." }),
    appId: t.exposeString("appId", { nullable: true, description: "The app it belongs to." }),
    usage: t.exposeString("usage", { nullable: true, description: "What it is for." }),
  }),
});

const TcbEvent = builder.objectRef<TcbInfoModel["eventLog"][number]>("TcbEvent").implement({
  description: "An entry of the event log that a runtime measurement register was extended with.",
  fields: (t) => ({
    imr: t.exposeInt("imr", { description: "The register's index." }),
    eventType: t.expose("eventType", { type: "SafeInt", description: "The kind of event." }),
    digest: t.exposeString("digest", {
      description: "What the register was extended with.",
    }),
    event: t.exposeString("event", { description: "Its name." }),
    eventPayload: t.exposeString("eventPayload", { description: "Its content." }),
  }),
});

const TcbInfo = builder.objectRef<TcbInfoModel>("TcbInfo").implement({
  description: "The measurements of the trusted computing base.",
  fields: (t) => ({
    mrtd: t.exposeString("mrtd", { nullable: true, description: "The measurement of the firmware." }),
    rootfsHash: t.exposeString("rootfsHash", {
      nullable: true,
      description: "The hash of the root file system.",
    }),
    rtmr0: t.exposeString("rtmr0", { nullable: true, description: "Runtime measurement register 0." }),
    rtmr1: t.exposeString("rtmr1", { nullable: true, description: "Runtime measurement register 1." }),
    rtmr2: t.exposeString("rtmr2", { nullable: true, description: "Runtime measurement register 2." }),
    rtmr3: t.exposeString("rtmr3", {
      nullable: true,
      description: "Runtime measurement register 3: the app-compose is in it.",
    }),
    eventLog: t.expose("eventLog", {
      type: [TcbEvent],
      description: "What the registers were extended with.",
    }),
    appCompose: t.exposeString("appCompose", {
      nullable: true,
      description: "The exact app-compose text that the guest measured.",
    }),
  }),
});

/** `Cvm.attestation` */
export const Attestation = builder.objectRef<AttestationModel>("CvmAttestation").implement({
  description:
    "What a CVM presents to prove what runs in it. The gateway passes it on and does not verify it.",
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline", { description: "Whether the guest answers." }),
    isPublic: t.exposeBoolean("isPublic", { description: "Whether it publishes this." }),
    error: t.exposeString("error", { nullable: true, description: "Why there is none." }),
    name: t.exposeString("name", { nullable: true, description: "The app's name." }),
    appCertificates: t.expose("appCertificates", {
      type: [AttestationCertificate],
      nullable: { list: true, items: false },
      description: "The app's certificate chain.",
    }),
    tcbInfo: t.expose("tcbInfo", { type: TcbInfo, nullable: true, description: "The measurements." }),
    composeFile: t.exposeString("composeFile", {
      nullable: true,
      description: "The compose file as the guest presents it.",
    }),
  }),
});
