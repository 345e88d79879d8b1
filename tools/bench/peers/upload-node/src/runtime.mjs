// The least that a Lambda runtime can be: ask for an event, answer it, over one kept connection.
//
// AWS's own client for Node (aws-lambda-ric) does the same through a native add-on with more around
// it; this is the lighter of the two, which is in Node's favour.
import http from "node:http";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1, noDelay: true });
const base = "/2018-06-01/runtime/invocation";

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
    const request = http.request({ hostname, port, agent, method, path, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

export async function run(handler) {
  for (;;) {
    const next = await call("GET", `${base}/next`);
    const requestId = next.headers["lambda-runtime-aws-request-id"];
    let path = "response";
    let answer;
    try {
      answer = await handler(JSON.parse(next.body), requestId);
    } catch (error) {
      path = "error";
      answer = { errorType: error.name, errorMessage: error.message };
    }
    await call("POST", `${base}/${requestId}/${path}`, Buffer.from(JSON.stringify(answer)));
  }
}
