'use strict';

// A thumbnail function of Node as far as its init goes: the libraries that it needs, its clients,
// and the question for the first event. The libraries are required and not imported, because that
// is faster.

const http = require('node:http');
const { S3Client } = require('@aws-sdk/client-s3');
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const sharp = require('sharp');

// As for images one at a time.
sharp.cache(false);
const region = process.env.AWS_REGION;
module.exports = { s3: new S3Client({ region }), dynamodb: new DynamoDBClient({ region }), sharp };

http.get(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next`).on('error', () => process.exit(1));
