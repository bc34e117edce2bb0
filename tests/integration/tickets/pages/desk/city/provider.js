// The city's accounts: whoever signs in is who they say (their password is not looked at), with what is in the settings.
import { generateKeyPairSync } from "node:crypto";

import Provider from "oidc-provider";

const { port, client, redirect, people, algorithm } = JSON.parse(process.argv[2]);
const made =
  algorithm === "ES256"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...made.privateKey.export({ format: "jwk" }), kid: String(process.pid), alg: algorithm, use: "sig" };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [redirect],
      id_token_signed_response_alg: algorithm,
    },
  ],
  jwks: { keys: [key] },
  cookies: { keys: ["of this provider"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username"] },
  pkce: { required: () => true },
  findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
});
provider.listen(port, "127.0.0.1", () => process.stdout.write("listening\n"));
