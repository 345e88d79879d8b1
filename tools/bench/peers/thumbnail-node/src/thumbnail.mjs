// The thumbnail worker, written by a team that knows Node, sharp and the SDK: all messages of a
// batch at once, each original decoded once, the variants put together, one write of the record.
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import sharp from 'sharp';
import { run } from '../../upload-node/src/runtime.mjs';

sharp.cache(false);
// One processor: more threads of libvips wait for each other.
sharp.concurrency(1);

const region = process.env.AWS_REGION;
// One pool of kept connections for both clients.
const requestHandler = new NodeHttpHandler({ connectionTimeout: 2000 });
const s3 = new S3Client({ region, requestHandler, forcePathStyle: true });
const dynamodb = new DynamoDBClient({ region, requestHandler });
const { HIKIDASHI_BUCKET: Bucket, HIKIDASHI_TABLE: TableName } = process.env;
const quality = Number(process.env.HIKIDASHI_JPEG_QUALITY);
const variants = process.env.HIKIDASHI_VARIANTS.split(',')
  .map((text) => text.split(':'))
  .map(([name, edge]) => ({ name, edge: Number(edge) }))
  .sort((a, b) => b.edge - a.edge);

/** The places for images in memory: two decoded pictures of 50 megapixels and their files. */
const AT_ONCE = 2;
let free = AT_ONCE;
const waiting = [];

async function limited(work) {
  if (free === 0) await new Promise((resolve) => waiting.push(resolve));
  else free -= 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }
}

const inside = { fit: 'inside', withoutEnlargement: true };

/** Decodes for the largest, which libvips does at a smaller scale; makes the others from it. */
async function thumbnails(bytes) {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .resize(variants[0].edge, variants[0].edge, inside)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  return Promise.all(
    variants.map(async ({ name, edge }) => {
      const picture = sharp(data, { raw }).resize(edge, edge, inside).jpeg({ quality });
      const made = await picture.toBuffer({ resolveWithObject: true });
      return { name, bytes: made.data, width: made.info.width, height: made.info.height };
    }),
  );
}

async function processed(change) {
  const Key = decodeURIComponent(change.s3.object.key.replaceAll('+', ' '));
  const [, stage, identity, file] = Key.split('/');
  const image = file.split('.')[0];
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = await answer.Body.transformToByteArray();
  const made = await limited(() => thumbnails(bytes));
  await Promise.all(
    made.map(({ name, bytes: Body }) =>
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key: `thumbnails/${stage}/${identity}/${image}/${name}.jpg`,
          Body,
          ContentType: 'image/jpeg',
          CacheControl: 'private, max-age=31536000, immutable',
        }),
      ),
    ),
  );
  const thumbnail = ({ name, bytes: { length }, width, height }) => ({
    M: {
      name: { S: name },
      width: { N: String(width) },
      height: { N: String(height) },
      size: { N: String(length) },
    },
  });
  await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: { identityId: { S: identity }, imageId: { S: image } },
      ConditionExpression: 'attribute_not_exists(sequencer) OR sequencer <= :sequencer',
      UpdateExpression: 'SET #status = :status, thumbnails = :thumbnails, sequencer = :sequencer, processedAt = :now',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':status': { S: 'ready' },
        ':thumbnails': { L: made.map(thumbnail) },
        ':sequencer': { S: change.s3.object.sequencer.padStart(64, '0') },
        ':now': { S: new Date().toISOString() },
      },
    }),
  );
}

async function handle(event) {
  const outcomes = await Promise.allSettled(
    event.Records.map(async (message) => {
      for (const change of JSON.parse(message.body).Records) await processed(change);
    }),
  );
  const failed = event.Records.filter((_, place) => outcomes[place].status === 'rejected');
  for (const { reason } of outcomes.filter(({ status }) => status === 'rejected')) console.error(reason);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

run(handle);
