/** What must not stand in a log, whoever's error message it comes in. */
const secrets: readonly (readonly [RegExp, string])[] = [
  // Our API keys, signing secrets of webhooks, and the tokens of the shops that are known by their look.
  [/\b(?:swk|whsec|shpat|shpss|shpca|ck|cs|sk|rk)_[\w+/=-]{8,}/g, "[secret]"],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, "$1 [secret]"],
  // JSON Web Tokens.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "[secret]"],
  // Credentials in an address: before the host, or in its query.
  [/(\w+:\/\/)[^\s/@]+@/g, "$1[secret]@"],
  [
    /([?&](?:[\w-]*(?:key|token|secret|signature|password|ticket|code|hmac)[\w-]*)=)[^&\s"']+/gi,
    "$1[secret]",
  ],
  [
    /("?(?:access_token|refresh_token|client_secret|password|secret)"?\s*[:=]\s*"?)[^\s",}&]+/gi,
    "$1[secret]",
  ],
];

/** The text without anything in it that looks like a secret. */
export function redact(text: string): string {
  return secrets.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}
