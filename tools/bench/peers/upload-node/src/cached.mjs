// The upload function, written by a team that knows Node and the SDK: the same caches and the same
// calls.
import { createHash } from "node:crypto";
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
} from "@aws-sdk/client-cognito-identity";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { run } from "./runtime.mjs";
import { accepted, answering, fileOf, imageId, settings, tokenOf } from "./upload.mjs";

const MARGIN_MS = 60_000;
const CAPACITY = 1024;

// One pool of kept connections for all clients.
const requestHandler = new NodeHttpHandler({ connectionTimeout: 2000 });
const cognito = new CognitoIdentityClient({ region: settings.region, requestHandler });
/** `iss` and `sub` to identity, for ever. */
const identities = new Map();
/** Token to that user's identity and clients, until shortly before token or credentials expire. */
const users = new Map();

function remember(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > CAPACITY) map.delete(map.keys().next().value);
}

/**
 * A client for each user, because that is what suits this SDK: it keeps the signing key with the
 * client, and its per-call overrides cost more than a look-up.
 */
async function userOf(token) {
  const known = users.get(token.raw);
  if (known !== undefined && Date.now() < known.goodUntil) return known;
  users.delete(token.raw);
  const Logins = { [settings.loginProvider]: token.raw };
  const person = `${token.claims.iss} ${token.claims.sub}`;
  let identity = identities.get(person);
  if (identity === undefined) {
    const answer = await cognito.send(new GetIdCommand({ IdentityPoolId: settings.identityPoolId, Logins }));
    identity = answer.IdentityId;
  }
  const answer = await cognito.send(new GetCredentialsForIdentityCommand({ IdentityId: identity, Logins }));
  remember(identities, person, answer.IdentityId);
  const credentials = {
    accessKeyId: answer.Credentials.AccessKeyId,
    secretAccessKey: answer.Credentials.SecretKey,
    sessionToken: answer.Credentials.SessionToken,
  };
  const shared = { region: settings.region, credentials, requestHandler };
  const s3 = new S3Client({
    ...shared,
    forcePathStyle: settings.forcePathStyle,
    // The body is at most 4.5 MB: asking first is a round trip for nothing.
    expectContinueHeader: false,
  });
  // The checksum and the payload hash of the signature are the same SHA-256: compute it once.
  s3.middlewareStack.add(
    (next) => (args) => {
      const hash = Buffer.from(args.input.ChecksumSHA256, "base64").toString("hex");
      args.request.headers["x-amz-content-sha256"] = hash;
      return next(args);
    },
    { step: "build", name: "hashOnce" },
  );
  const user = {
    identity: answer.IdentityId,
    s3,
    dynamodb: new DynamoDBClient(shared),
    goodUntil: Math.min(answer.Credentials.Expiration.getTime(), token.claims.exp * 1000) - MARGIN_MS,
  };
  remember(users, token.raw, user);
  return user;
}

async function upload(event, requestId) {
  const token = tokenOf(event);
  const file = fileOf(event);
  const user = await userOf(token);
  const image = imageId();
  const now = new Date();
  const uploadedAt = now.toISOString();
  const named = file.name === undefined ? {} : { ":fileName": { S: file.name } };
  await user.dynamodb.send(
    new UpdateItemCommand({
      TableName: settings.table,
      Key: { identityId: { S: user.identity }, imageId: { S: image } },
      ConditionExpression: "attribute_not_exists(imageId)",
      UpdateExpression:
        "SET contentType = :contentType, #size = :size, uploadedAt = :uploadedAt, expiresAt = :expiresAt" +
        (file.name === undefined ? "" : ", fileName = :fileName"),
      ExpressionAttributeNames: { "#size": "size" },
      ExpressionAttributeValues: {
        ":contentType": { S: file.contentType },
        ":size": { N: String(file.bytes.length) },
        ":uploadedAt": { S: uploadedAt },
        ":expiresAt": { N: String(Math.floor(now.getTime() / 1000) + settings.pendingExpirySecs) },
        ...named,
      },
    }),
  );
  const put = new PutObjectCommand({
    Bucket: settings.bucket,
    Key: `original-files/${settings.stage}/${user.identity}/${image}.jpg`,
    Body: file.bytes,
    ContentType: file.contentType,
    IfNoneMatch: "*",
    ChecksumSHA256: createHash("sha256").update(file.bytes).digest("base64"),
  });
  await user.s3.send(put);
  return accepted(requestId, image, file, uploadedAt);
}

run(answering(upload));
