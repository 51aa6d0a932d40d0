import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { sqsError } from "./answers.ts";

/** Requests may be so far from the server's clock. */
const skewMs = 15 * 60_000;

export interface AwsKey {
  readonly id: string;
  readonly secret: string;
}

/** Verifies AWS Signature Version 4 in a header, from its documentation and not from the signer's code. */
export function verifySignatureV4(
  url: URL,
  method: string,
  headers: Headers,
  body: string,
  key: AwsKey,
  nowMs: number,
): void {
  const authorization = headers.get("authorization") ?? "";
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/sqs\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (parts === null)
    throw sqsError(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  const [, keyId = "", day = "", region = "", signedHeaders = "", signature = ""] = parts;
  if (keyId !== key.id)
    throw sqsError(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
  if (region !== url.hostname.split(".")[1])
    throw sqsError(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region.");
  const stamp = headers.get("x-amz-date") ?? "";
  const atMs = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!stamp.startsWith(day) || !(Math.abs(atMs - nowMs) <= skewMs)) {
    throw sqsError(403, "SignatureDoesNotMatch", "Signature expired");
  }
  for (const required of ["host", "x-amz-date", "x-amz-target"]) {
    if (!signedHeaders.split(";").includes(required)) {
      throw sqsError(403, "SignatureDoesNotMatch", `'${required}' must be a signed header`);
    }
  }
  const canonicalHeaders = signedHeaders
    .split(";")
    .map(
      (name) =>
        `${name}:${(name === "host" ? url.host : (headers.get(name) ?? "")).trim().replaceAll(/ +/g, " ")}\n`,
    )
    .join("");
  const canonical = [
    method,
    url.pathname,
    url.search.slice(1),
    canonicalHeaders,
    signedHeaders,
    sha256(body),
  ].join("\n");
  const scope = `${day}/${region}/sqs/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical)].join("\n");
  const derived = [day, region, "sqs", "aws4_request"].reduce<Uint8Array | string>(hmac, `AWS4${key.secret}`);
  const expected = hmac(derived, toSign);
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) {
    throw sqsError(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
}

function hmac(key: Uint8Array | string, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
