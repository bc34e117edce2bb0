// Sends a report with plain amqplib, on a confirm channel, and prints its code.
//
//     npm ci
//     BROKER=amqp://intake:intake@localhost:5672/estafet node publish.js "KTP saya rusak."
//
// Run it again with the same ID when in doubt: it opens no second report.

import { randomUUID } from "node:crypto";
import amqp from "amqplib";

const broker = process.env.BROKER;
const account = new URL(broker).username;
const answers = `app-${account}.node-answers`;

const event = {
  specversion: "1.0",
  id: process.env.ID || randomUUID(),
  source: `/apps/${account}`,
  type: "id.estafet.report.submitted.v1",
  data: { category: "ktp", text: process.argv[2] },
};

const connection = await amqp.connect(broker);
const channel = await connection.createConfirmChannel();

// The queue is bound before the report is sent, so that its answer finds it.
await channel.assertQueue(answers, { durable: true });
await channel.bindQueue(answers, "tickets.events", "report.*");

const answered = new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("The report is sent, but no answer came within 30 seconds.")), 30_000).unref();
  channel.consume(answers, (message) => {
    if (message === null) return reject(new Error(`The queue ${answers} was deleted.`));
    const answer = JSON.parse(message.content.toString());
    channel.ack(message);
    if (answer.causationid === event.id) resolve(answer);
  });
});

// The broker hands a message back that nobody is bound to, and confirms it all the same.
channel.on("return", () => {
  console.error("The report came back: nobody listens to intake.events.");
  process.exit(1);
});
channel.publish("intake.events", "report.submitted", Buffer.from(JSON.stringify(event)), {
  contentType: "application/json",
  persistent: true,
  mandatory: true,
  messageId: event.id,
});
await channel.waitForConfirms();

const answer = await answered;
await connection.close();
if (answer.type === "id.estafet.report.accepted.v1") {
  console.log(answer.data.code);
} else {
  console.error("Not accepted:", answer.data.errors.map((each) => `${each.field}: ${each.reason}`).join("; "));
  process.exitCode = 1;
}
