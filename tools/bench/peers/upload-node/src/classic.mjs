// The handler of the blog posts: exchange the token at every call, make a client with what comes
// back, put.
import {
  CognitoIdentityClient,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
} from "@aws-sdk/client-cognito-identity";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { run } from "./runtime.mjs";
import { accepted, answering, fileOf, imageId, settings, tokenOf } from "./upload.mjs";

// Neither call is signed.
const cognito = new CognitoIdentityClient({ region: settings.region });

async function upload(event, requestId) {
  const token = tokenOf(event);
  const file = fileOf(event);
  const Logins = { [settings.loginProvider]: token.raw };
  const { IdentityId } = await cognito.send(
    new GetIdCommand({ IdentityPoolId: settings.identityPoolId, Logins }),
  );
  const { Credentials } = await cognito.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }));
  const s3 = new S3Client({
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    credentials: {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretKey,
      sessionToken: Credentials.SessionToken,
    },
  });
  const image = imageId();
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: settings.bucket,
        Key: `original-files/${settings.stage}/${IdentityId}/${image}.jpg`,
        Body: file.bytes,
        ContentType: file.contentType,
      }),
    );
  } finally {
    // The posts leave it open. Closing it is kinder to Node's memory.
    s3.destroy();
  }
  return accepted(requestId, image, file, new Date().toISOString());
}

run(answering(upload));
