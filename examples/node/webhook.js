// Hears events by webhook, in Node.js, with nothing but what Node.js has: checks the signature, handles each event once.
//
//     WEBHOOK_SECRET=whsec_... PORT=8080 node webhook.js

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");

// Keep this in your database, in the transaction that does the work: here it is forgotten when the program ends.
const handled = new Set();

function handle(event) {
  console.log(event.type, event.subject);
}

// The scheme: HMAC-SHA256 over "id.timestamp.body"; one signature that fits is enough, and what is old is a copy.
function isOurs(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !signatures || !(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(" ").some((each) => {
    const [version, text] = each.split(",");
    const given = Buffer.from(text ?? "", "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts); // the very bytes: what was parsed and written anew differs
    if (!isOurs(request.headers, body)) return response.writeHead(401).end();
    const event = JSON.parse(body);
    if (!handled.has(event.id)) handle(event);
    handled.add(event.id);
    response.writeHead(204).end();
  });
}).listen(process.env.PORT, "127.0.0.1");
