// What both handlers do with an event: the token's claims, the file's bytes, and the answer.
import { randomBytes } from "node:crypto";

export const settings = {
  region: process.env.AWS_REGION,
  stage: process.env.HIKIDASHI_STAGE,
  bucket: process.env.HIKIDASHI_BUCKET,
  table: process.env.HIKIDASHI_TABLE,
  issuer: process.env.HIKIDASHI_ISSUER,
  identityPoolId: process.env.HIKIDASHI_IDENTITY_POOL_ID,
  loginProvider: process.env.HIKIDASHI_LOGIN_PROVIDER,
  maxUploadBytes: Number(process.env.HIKIDASHI_MAX_UPLOAD_BYTES),
  pendingExpirySecs: Number(process.env.HIKIDASHI_PENDING_EXPIRY_SECS),
  // As the function that it is compared with: path style wherever an endpoint is named.
  forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined || process.env.AWS_ENDPOINT_URL_S3 !== undefined,
};

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function tokenOf(event) {
  const header = event.headers.authorization ?? "";
  const raw = header.startsWith("Bearer ") ? header.slice(7) : header;
  const parts = raw.split(".");
  if (parts.length !== 3) throw new Refusal(401, "the token is not a JSON Web Token");
  const claims = JSON.parse(Buffer.from(parts[1], "base64url"));
  if (claims.token_use !== "id") throw new Refusal(401, "the token is not an id token");
  if (claims.iss !== settings.issuer) throw new Refusal(401, "the token is from another issuer");
  if (claims.exp * 1000 <= Date.now()) throw new Refusal(401, "the token has expired");
  return { raw, claims };
}

export function fileOf(event) {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length === 0) throw new Refusal(400, "the request has no file");
  if (bytes.length > settings.maxUploadBytes) throw new Refusal(413, `body is ${bytes.length} bytes`);
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
  if (!jpeg) throw new Refusal(415, "send a JPEG");
  if (bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) < 0) throw new Refusal(422, "the JPEG is cut off");
  const name = new URLSearchParams(event.rawQueryString).get("name") ?? undefined;
  return { bytes, name, contentType: "image/jpeg" };
}

/** A UUID of version 7, which Node does not make itself. */
export function imageId() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function accepted(requestId, image, file, uploadedAt) {
  console.log(JSON.stringify({ level: "INFO", message: "upload accepted", image, bytes: file.bytes.length, requestId }));
  return {
    statusCode: 201,
    headers: {
      "content-type": "application/json",
      "cache-control": "private, no-cache",
      "x-request-id": requestId,
      location: `/images/${image}`,
    },
    body: JSON.stringify({
      imageId: image,
      status: "pending",
      fileName: file.name,
      contentType: file.contentType,
      size: file.bytes.length,
      uploadedAt,
      thumbnails: [],
    }),
    isBase64Encoded: false,
  };
}

/** The handler as the runtime takes it: what is refused is an answer, what fails is an error. */
export function answering(upload) {
  return async (event, requestId) => {
    try {
      return await upload(event, requestId);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { statusCode: error.status, body: JSON.stringify({ detail: error.message }), isBase64Encoded: false };
    }
  };
}
