// Verifies the access token on standard input by what the gate publishes, with Node's own
// cryptography alone; prints its header and claims.
//
// node verify-token.mjs BASE_URL [SECRET_FILE]
import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const [base, secretFile] = process.argv.slice(2);
const token = readFileSync(0, "utf8").trim();
const [header, claims, signature] = token.split(".");
const decoded = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
const { alg, kid } = decoded(header);
const signed = Buffer.from(`${header}.${claims}`);
const proof = Buffer.from(signature, "base64url");

const published = await (await fetch(`${base}/.well-known/jwks.json`)).json();

function isGood() {
  if (secretFile) {
    const mac = createHmac("sha256", readFileSync(secretFile, "utf8").replace(/\r?\n$/, ""));
    return alg === "HS256" && timingSafeEqual(mac.update(signed).digest(), proof);
  }
  const jwk = published.keys.find((key) => key.kid === kid && key.use === "sig");
  const key = createPublicKey({ key: jwk, format: "jwk" });
  switch (alg) {
    case "ES256":
      return verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, proof);
    case "RS256":
      return verify("sha256", signed, key, proof);
    case "EdDSA":
      return verify(null, signed, key, proof);
    default:
      throw new Error(`no such algorithm here: ${alg}`);
  }
}

if (!isGood()) {
  throw new Error("the signature is not the gate's");
}
console.log(JSON.stringify({ header: decoded(header), claims: decoded(claims), published }));
