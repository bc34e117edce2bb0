// Listens to offers with plain amqplib, and prints each. A message is acknowledged when it is handled.
//
//     npm ci
//     BROKER=amqp://intake:intake@localhost:5672/estafet node listen.js

import amqp from "amqplib";

const broker = process.env.BROKER;
const queue = `app-${new URL(broker).username}.node-offers`;

const connection = await amqp.connect(broker);
// An app that is to run for long connects again here; this one ends, and whoever started it starts it again.
connection.on("close", (error) => process.exit(error ? 1 : 0));
connection.on("error", (error) => console.error(error.message));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => connection.close());

const channel = await connection.createChannel();
await channel.assertQueue(queue, { durable: true });
await channel.bindQueue(queue, "tickets.events", "handoff.offered");
await channel.prefetch(10);

const handled = new Set(); // the same event may come twice; an app keeps this in its database

await channel.consume(queue, (message) => {
  if (message === null) return process.exit(1); // the queue was deleted
  const event = JSON.parse(message.content.toString());
  const identity = `${event.source} ${event.id}`;
  if (!handled.has(identity)) {
    console.log(event.subject, "is offered to", event.data.receiver);
    handled.add(identity);
  }
  channel.ack(message);
});
console.log("listening");
